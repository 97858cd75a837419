import { asObject, isObject, type JsonObject } from "../../domain/requests/json-object.ts";

/** The kinds of parts that are texts; references (Mistral's, to what a tool has found) have none. */
const TEXTS: ReadonlySet<unknown> = new Set(["text", "thinking", "reference"]);

/**
 * A message or delta whose content is a list of texts and thoughts, as Mistral's reasoning models have it, with
 * the one as its content and the others as `reasoning_content`. The same where it is anything else.
 */
export function mendContent(said: JsonObject): JsonObject {
  const { content } = said;
  if (!Array.isArray(content) || !content.every(isText)) return said;
  const parts = content.map(asObject);
  const thought = parts.map(({ thinking }) => readThinking(thinking)).join("");
  const text = parts.map((part) => readString(part["text"])).join("");
  return {
    ...said,
    content: text,
    ...(thought === "" ? {} : { reasoning_content: readString(said["reasoning_content"]) + thought }),
  };
}

const isText = (part: unknown): boolean => isObject(part) && TEXTS.has(part["type"]);

const readString = (value: unknown): string => (typeof value === "string" ? value : "");

const readThinking = (thinking: unknown): string =>
  Array.isArray(thinking)
    ? thinking.map((part) => readString(asObject(part)["text"])).join("")
    : readString(thinking);
