import * as z from "zod/mini";
import { usageSchema } from "../../contract/responses.ts";
import type { EventReader, ServerSentEvent, StreamEvent } from "../../domain/routing/adapter.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { skimDeltas } from "./skim-deltas.ts";

const eventSchema = z.looseObject({
  usage: z.optional(z.nullable(usageSchema)),
  choices: z.optional(z.array(z.unknown())),
  error: z.optional(z.nullable(z.union([z.string(), z.looseObject({ message: z.optional(z.string()) })]))),
});

/** Nearly every event is text on its way; only those that can matter to the gateway are parsed, and no null does. */
const MATTERS = /"usage"\s*:\s*\{|"error"\s*:\s*[^\sn]/;

/** The finish reason of a last chunk: a string, where other chunks have null. */
const FINISHED = /"finish_reason"\s*:\s*"/;

/**
 * Reads one stream. Where the server may end it without `[DONE]`, an end after a finish reason is complete
 * too, and `[DONE]` is added for clients.
 */
export function createEventReader(endsWithoutDone: boolean): EventReader {
  if (!endsWithoutDone) return VERBATIM;
  let finished = false;
  const read = (event: ServerSentEvent): StreamEvent => {
    finished ||= FINISHED.test(event.data);
    return readEvent(event);
  };
  const end = (): StreamEvent[] => (finished ? [{ kind: "done", emit: writeEvent("[DONE]") }] : []);
  return Object.assign(read, { end, skim: skimDeltas });
}

const VERBATIM: EventReader = Object.assign((event: ServerSentEvent) => readEvent(event), {
  skim: skimDeltas,
  passesOn: "all_but_usage" as const,
});

/** Reads one event of a chat stream. */
export function readEvent(event: ServerSentEvent): StreamEvent {
  const data = event.data.trim();
  if (data === "[DONE]") return { kind: "done" };
  if (!data.startsWith("{") || !data.endsWith("}")) return { kind: "error", reason: "an event is not JSON" };
  if (!MATTERS.test(data)) return { kind: "delta" };
  const parsed = z.safeParse(eventSchema, readJson(data));
  if (!parsed.success) return { kind: "error", reason: "an event has not the shape of a chunk" };
  const { error, usage, choices } = parsed.data;
  if (error)
    return { kind: "error", reason: typeof error === "string" ? error : (error.message ?? "unnamed") };
  if (!usage) return { kind: "delta" };
  return { kind: "usage", usage, only: !choices?.length };
}

function readJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
