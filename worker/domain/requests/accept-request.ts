import type { Task } from "../../contract/requests.ts";
import { isObject, type JsonObject } from "./json-object.ts";

/**
 * Says yes to most bodies that their task's schema takes, and to none that it refuses, for a fraction of what
 * the schema costs. What is not plainly right here is left to the schema, which also has the words for what
 * is wrong. Held to the schemas by a test over any body.
 */
export function isPlainRequest(task: Task, body: unknown): boolean {
  if (!isObject(body)) return false;
  const { model } = body;
  if (typeof model !== "string" || model === "" || model.length > MAX_MODEL) return false;
  if (task === "chat") return isPlainChat(body);
  return task === "embeddings" && isPlainEmbedding(body);
}

const MAX_MODEL = 256;
const MAX_TEXTS = 2048;
const FOREIGN: ReadonlySet<string> = new Set(["output_dimension", "embedding_type", "task", "truncate"]);

function isPlainChat({ messages, stream, stream_options: options, temperature }: JsonObject): boolean {
  if (!Array.isArray(messages) || messages.length === 0) return false;
  for (const message of messages as readonly unknown[]) {
    if (!isObject(message) || typeof message["role"] !== "string") return false;
  }
  if (!isAbsentOr("boolean", stream) || !isAbsentOr("number", temperature)) return false;
  return options == null || (isObject(options) && isAbsentOr("boolean", options["include_usage"]));
}

function isPlainEmbedding(body: JsonObject): boolean {
  const { input, encoding_format: format, dimensions } = body;
  // Other APIs' names for fields of ours, and fields that are not there.
  for (const name in body) if (FOREIGN.has(name) || body[name] === null) return false;
  if (dimensions != null || (format != null && format !== "float" && format !== "base64")) return false;
  if (typeof input === "string") return true;
  if (!Array.isArray(input) || input.length === 0 || input.length > MAX_TEXTS) return false;
  return (input as readonly unknown[]).every((text) => typeof text === "string");
}

const isAbsentOr = (type: "boolean" | "number", value: unknown): boolean =>
  value == null || (typeof value === type && !Number.isNaN(value));
