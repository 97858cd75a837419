import type { EventReader, ServerSentEvent, StreamEvent } from "../../domain/routing/adapter.ts";
import { NO_ANSWER } from "../../domain/answers/no-answer.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { asObject } from "../../domain/requests/json-object.ts";
import { type MessageEvent, parseEvent, readErrorEvent } from "./parse-event.ts";
import { mergeUsage, translateUsage } from "./read-usage.ts";
import type { MessageUsage } from "./schema.ts";

/** Nearly every event is a part of the text, which is passed on unread. */
const DELTA = /^\{"type": ?"content_block_delta".*\}$/s;
const NOT_JSON: StreamEvent = { kind: "error", reason: "an event is not JSON" };

/**
 * A text and a thought begin empty; whatever else begins is something of the answer. Not every server writes the
 * type of an event first.
 */
const says = ({ type, content_block: block }: MessageEvent): boolean =>
  type === "content_block_delta" ||
  (type === "content_block_start" && !["text", "thinking"].includes(String(asObject(block)["type"])));

/** For a stream that just ends once it has said why the model stopped. */
const STOP = writeEvent('{"type":"message_stop"}', "message_stop");

/** Starts to read a message stream for a client that speaks Anthropic's API: events are passed on unchanged. */
export function readMessageStream(): EventReader {
  let usage: MessageUsage | undefined;
  let hasStopped = false;
  let hasSpoken = false;
  const use = (said: unknown): StreamEvent => {
    usage = mergeUsage(usage, said);
    if (!usage) return { kind: "error", reason: "an event's usage is not in counts" };
    return { kind: "usage", usage: translateUsage(usage), only: false };
  };
  const speak = (): StreamEvent => {
    hasSpoken = true;
    return { kind: "delta" };
  };
  const read = ({ data }: ServerSentEvent): StreamEvent => {
    if (DELTA.test(data)) return speak();
    const event = parseEvent(data);
    if (!event) return NOT_JSON;
    if (event.type === "message_start") return use(asObject(event["message"])["usage"] ?? {});
    if (event.type === "message_delta") {
      hasStopped ||= typeof asObject(event["delta"])["stop_reason"] === "string";
      const used = use(event["usage"] ?? {});
      return used.kind === "usage" ? { ...used, speaks: hasStopped } : used;
    }
    if (event.type === "message_stop") return hasStopped || hasSpoken ? { kind: "done" } : NO_ANSWER;
    if (event.type === "error") return readErrorEvent(event);
    return says(event) ? speak() : { kind: "comment" };
  };
  const end = (): StreamEvent[] => (hasStopped ? [{ kind: "done", emit: STOP }] : []);
  return Object.assign(read, { passesOn: "all" as const, end });
}
