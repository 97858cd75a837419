import type { EventReader, ServerSentEvent, Skimmed, StreamEvent } from "../../domain/routing/adapter.ts";
import { NO_ANSWER } from "../../domain/answers/no-answer.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { type JsonObject, readJsonObject } from "../../domain/requests/json-object.ts";
import { findFailure } from "./find-failure.ts";
import { findUsage } from "./find-usage.ts";
import { type ChunkHead, lacksHead, mendChunk, StreamCalls } from "./mend-chunk.ts";
import { skimDeltas } from "./skim-deltas.ts";
import { speaks } from "./speaks.ts";

/**
 * Nearly every event is text on its way; only those that can matter to the gateway, or that have not quite the
 * form of a chunk, are parsed, and no null does.
 */
const MATTERS =
  /"(?:usage|arguments|message)"\s*:\s*\{|"error"\s*:\s*[^\sn]|"finish_reason"\s*:\s*"(?!(?:stop|length|tool_calls|content_filter|function_call)")|"(?:choices|delta)"\s*:\s*null|"(?:content|tool_calls)"\s*:\s*\[|"object"\s*:\s*"error"/;

/** An event that plainly says something: a text that is not empty. */
const SAYS = /"(?:content|reasoning_content|reasoning|text|arguments)"\s*:\s*"[^"]/;

/** The finish reason of a last chunk: a string, where other chunks have null. */
const FINISHED = /"finish_reason"\s*:\s*"[^"]/;

/**
 * Reads one stream of a chat. `[DONE]` is added for clients where the provider just ends after a finish reason,
 * and a head to every chunk where the first has none.
 */
export function createEventReader(head?: ChunkHead): EventReader {
  let events = 0;
  let finished = false;
  let said = false;
  let fill: ChunkHead | undefined;
  const calls = new StreamCalls();
  const read = (event: ServerSentEvent): StreamEvent => {
    if (events++ === 0 && head && lacksHead(event.data)) fill = head;
    const told = mendBlanks(event.data, readEvent(event, fill, calls));
    finished ||= told.kind !== "error" && FINISHED.test(event.data);
    said ||= told.kind === "delta" || (told.kind === "usage" && told.speaks === true);
    return told.kind === "done" && !finished && !said ? NO_ANSWER : told;
  };
  const end = (): StreamEvent[] => (finished ? [{ kind: "done", emit: writeEvent("[DONE]") }] : []);
  const skim = (bytes: Uint8Array): Skimmed => {
    const skimmed = events > 0 && !fill ? skimDeltas(bytes) : NOTHING;
    said ||= skimmed.events > 0;
    return skimmed;
  };
  return Object.defineProperty(Object.assign(read, { end, skim }), "passesOn", {
    get: () => (fill ? undefined : "all_but_usage"),
  });
}

const NOTHING: Skimmed = { events: 0, end: 0 };

/** Blanks before or after the data that JSON has not, a byte order mark, say, or before `[DONE]` any. */
const ODD_BLANK = /^[ \t\r\n]*[^\S \t\r\n]|[^\S \t\r\n][ \t\r\n]*$|^\s+\[DONE\]/;

/** Clients parse what follows `data: ` as it is: blanks that make them fail are left out for them. */
function mendBlanks(data: string, told: StreamEvent): StreamEvent {
  const text = data.trim();
  if (text === data || told.kind === "error" || told.kind === "several" || !ODD_BLANK.test(data)) return told;
  return { emit: writeEvent(text), ...told };
}

/** Reads one event of a chat stream; `fill`: every chunk gets this head; `calls`: those that came before. */
export function readEvent(
  event: ServerSentEvent,
  fill?: ChunkHead,
  calls: StreamCalls = new StreamCalls(),
): StreamEvent {
  const data = event.data.trim();
  if (data === "[DONE]") return { kind: "done" };
  if (!data.startsWith("{") || !data.endsWith("}")) return { kind: "error", reason: "an event is not JSON" };
  const isPlain = !fill && !MATTERS.test(data);
  if (isPlain && (FINISHED.test(data) ? !calls.any : SAYS.test(data))) return { kind: "delta" };
  const chunk = readJsonObject(data);
  return chunk ? readChunk(chunk, fill, calls) : NO_CHUNK;
}

const NO_CHUNK: StreamEvent = { kind: "error", reason: "an event has not the shape of a chunk" };

function readChunk(chunk: JsonObject, fill: ChunkHead | undefined, calls: StreamCalls): StreamEvent {
  const failure = findFailure(chunk);
  const usage = findUsage(chunk);
  if (failure !== undefined) return { kind: "error", ...failure, ...(usage ? { usage } : {}) };
  const choices = chunk["choices"] ?? [];
  if (usage === undefined || !Array.isArray(choices)) return NO_CHUNK;
  const mended = mendChunk(chunk, fill, calls);
  const emit = mended ? { emit: writeEvent(JSON.stringify(mended)) } : {};
  const isSaid = speaks(mended ?? chunk);
  if (!usage) return { kind: isSaid ? "delta" : "comment", ...emit };
  return { kind: "usage", usage, only: choices.length === 0, ...(isSaid ? { speaks: true } : {}), ...emit };
}
