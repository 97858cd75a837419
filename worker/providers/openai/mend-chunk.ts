import { asObject, isObject, type JsonObject, readJsonObject } from "../../domain/requests/json-object.ts";
import { mendCalls } from "./mend-calls.ts";

/** What clients get beside the provider's own fields where it leaves them out. */
export interface ChunkHead {
  readonly object: string;
  readonly model: string;
}

/** How nearly every provider begins a chunk. */
const HEAD = /^\{"id":"[^"]*","object":"[^"]+","created":\d+,"model":"/;

/** Whether a stream's first chunk lacks what clients expect of every chunk. */
export function lacksHead(data: string): boolean {
  if (HEAD.test(data)) return false;
  const chunk = readJsonObject(data);
  return chunk !== undefined && Array.isArray(chunk["choices"]) && !hasHead(chunk);
}

/** Whether an answer or a chunk has the fields that stand around its choices. */
export const hasHead = ({ id, object, created, model }: JsonObject): boolean =>
  [id, object, model].every((text) => typeof text === "string") && typeof created === "number";

/**
 * An answer or a chunk with all of these fields; its own count, where they are not null. The id is made of the
 * date: nothing in it is random, so that a replayed answer has the same.
 */
export function addHead(answer: JsonObject, head: ChunkHead): JsonObject {
  const created = typeof answer["created"] === "number" ? answer["created"] : 0;
  const told = Object.entries(answer).filter(([, value]) => value !== null);
  return { id: `chatcmpl-${created}`, created, ...head, ...Object.fromEntries(told) };
}

/** A chunk in OpenAI's form; undefined where it is that already. */
export function mendChunk(chunk: JsonObject, fill: ChunkHead | undefined): JsonObject | undefined {
  const { choices } = chunk;
  const came: readonly unknown[] = Array.isArray(choices) ? choices : [];
  const mended = came.map(mendChoice);
  const isFine = came === choices && mended.every((choice, at) => choice === came[at]);
  if (isFine && !fill) return undefined;
  return { ...(fill ? addHead(chunk, fill) : chunk), choices: mended };
}

/** Some servers say in a stream what belongs in a whole answer: a message, its arguments as an object. */
function mendChoice(choice: unknown): unknown {
  if (!isObject(choice) || typeof choice["text"] === "string") return choice;
  const { delta, message, ...rest } = choice;
  if (isObject(message)) return { ...rest, delta: numberCalls(mendCalls(message)) };
  if (!isObject(delta)) return { ...rest, delta: {} };
  const mended = mendCalls(delta);
  return mended === delta ? choice : { ...choice, delta: mended };
}

/** A message's calls as a delta has them, each with its place. */
export function numberCalls(message: JsonObject): JsonObject {
  const calls = message["tool_calls"];
  if (!Array.isArray(calls)) return message;
  return { ...message, tool_calls: calls.map((call, index) => ({ index, ...asObject(call) })) };
}
