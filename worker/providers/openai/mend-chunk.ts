import { asObject, isObject, type JsonObject, readJsonObject } from "../../domain/requests/json-object.ts";
import { mendReason } from "./finish-reasons.ts";
import { mendCalls } from "./mend-calls.ts";
import { mendContent } from "./mend-content.ts";
import { CallNumbers } from "./number-calls.ts";

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

/** What is known of a stream while its chunks come. */
export class StreamCalls {
  readonly #byChoice = new Map<unknown, CallNumbers>();

  /** Whether any choice has called a tool. */
  get any(): boolean {
    return this.#byChoice.size > 0;
  }

  of({ index = 0 }: JsonObject): CallNumbers {
    const found = this.#byChoice.get(index) ?? new CallNumbers();
    this.#byChoice.set(index, found);
    return found;
  }

  has({ index = 0 }: JsonObject): boolean {
    return this.#byChoice.get(index)?.any === true;
  }
}

/** A chunk in OpenAI's form; undefined where it is that already. */
export function mendChunk(
  chunk: JsonObject,
  fill: ChunkHead | undefined,
  calls: StreamCalls,
): JsonObject | undefined {
  const { choices } = chunk;
  const came: readonly unknown[] = Array.isArray(choices) ? choices : [];
  const mended = came.map((choice) => mendChoice(choice, calls, chunk));
  const isFine = came === choices && mended.every((choice, at) => choice === came[at]);
  if (isFine && !fill) return undefined;
  return { ...(fill ? addHead(chunk, fill) : chunk), choices: mended };
}

/** Some servers say in a stream what belongs in a whole answer: a message, its arguments as an object. */
function mendChoice(choice: unknown, calls: StreamCalls, chunk: JsonObject): unknown {
  if (!isObject(choice) || typeof choice["text"] === "string") return choice;
  const { delta, message } = choice;
  const said = isObject(message) ? numberCalls(message) : isObject(delta) ? delta : {};
  const mended = mendDelta(said, choice, { calls, chunk });
  const reason = mendReason(choice["finish_reason"], calls.has(choice));
  if (mended === delta && reason === choice["finish_reason"]) return choice;
  const { message: _, ...rest } = choice;
  return { ...rest, delta: mended, ...(reason === undefined ? {} : { finish_reason: reason }) };
}

function mendDelta(
  said: JsonObject,
  choice: JsonObject,
  { calls, chunk }: { readonly calls: StreamCalls; readonly chunk: JsonObject },
): JsonObject {
  const mended = mendContent(mendCalls(said));
  const came = mended["tool_calls"];
  if (!Array.isArray(came) || came.length === 0) return mended;
  const numbered = calls.of(choice).mend(came, chunk);
  return numbered === came ? mended : { ...mended, tool_calls: numbered };
}

/** A message's calls as a delta has them, each with its place. */
export function numberCalls(message: JsonObject): JsonObject {
  const calls = message["tool_calls"];
  if (!Array.isArray(calls)) return message;
  return { ...message, tool_calls: calls.map((call, index) => ({ index, ...asObject(call) })) };
}
