import * as z from "zod/mini";
import type { EventReader, ServerSentEvent, StreamEvent } from "../../domain/routing/adapter.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { createEventReader } from "../openai/read-event.ts";

/**
 * The fields that only the content filter's own events have: results for the prompt, and results that come
 * late.
 */
const ANNOTATION = /"(?:prompt_filter_results|prompt_annotations|content_filter_offsets)"\s*:/;

const annotationSchema = z.looseObject({ choices: z.array(z.looseObject({})) });

/** Reads one stream of Azure's chat, whose events all have to be read. */
export function createChatReader(): EventReader {
  const read = createEventReader();
  return Object.assign((event: ServerSentEvent) => readChatEvent(event, read(event)), {
    end: () => read.end?.() ?? [],
  });
}

/**
 * Reads one event of Azure's chat stream. The content filter's own events have no choices, or choices without
 * a `delta`, which break clients that read `choices[0].delta`: they are passed on as chunks that add nothing,
 * with the filter's results.
 */
function readChatEvent(event: ServerSentEvent, told: StreamEvent): StreamEvent {
  if ((told.kind !== "delta" && told.kind !== "comment") || !ANNOTATION.test(event.data)) return told;
  const parsed = parseAnswer(annotationSchema, event.data);
  if (!parsed.ok) return { kind: "error", reason: "an event has not the shape of a chunk" };
  const { choices, ...annotation } = parsed.value;
  if (choices.some((choice) => "delta" in choice)) return told;
  const kept = choices.length > 0 ? choices : [{ index: 0, finish_reason: null }];
  const chunk = {
    ...annotation,
    object: "chat.completion.chunk",
    choices: kept.map((choice) => ({ ...choice, delta: {} })),
  };
  return { kind: "comment", emit: writeEvent(JSON.stringify(chunk)) };
}
