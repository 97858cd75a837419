import type { EventReader, ServerSentEvent, StreamEvent } from "../../domain/routing/adapter.ts";
import { asObject } from "../../domain/requests/json-object.ts";
import { parseEvent, readErrorEvent } from "./parse-event.ts";
import { mergeUsage, translateUsage } from "./read-usage.ts";
import type { MessageUsage } from "./schema.ts";

/** Nearly every event is a part of the text, which is passed on unread. */
const DELTA = /^\{"type": ?"content_block_delta".*\}$/s;
const NOT_JSON: StreamEvent = { kind: "error", reason: "an event is not JSON" };

/** Starts to read a message stream for a client that speaks Anthropic's API: events are passed on unchanged. */
export function readMessageStream(): EventReader {
  let usage: MessageUsage | undefined;
  const use = (said: unknown): StreamEvent => {
    usage = mergeUsage(usage, said);
    if (!usage) return { kind: "error", reason: "an event's usage is not in counts" };
    return { kind: "usage", usage: translateUsage(usage), only: false };
  };
  const read = ({ data }: ServerSentEvent): StreamEvent => {
    if (DELTA.test(data)) return { kind: "delta" };
    const event = parseEvent(data);
    if (!event) return NOT_JSON;
    if (event.type === "message_start") return use(asObject(event["message"])["usage"] ?? {});
    if (event.type === "message_delta") return use(event["usage"] ?? {});
    if (event.type === "message_stop") return { kind: "done" };
    if (event.type === "error") return readErrorEvent(event);
    return { kind: "comment" };
  };
  return Object.assign(read, { passesOn: "all" as const });
}
