import type { AnswerForms } from "../../domain/routing/adapter.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { asObject, type JsonObject, readJsonObject } from "../../domain/requests/json-object.ts";

/** A whole message and its events. */
export const messageForms: AnswerForms = {
  split(message) {
    const { content, stop_reason, stop_sequence = null, usage = {} } = message;
    if (!Array.isArray(content)) return undefined;
    const begun = { ...message, content: [], stop_reason: null, stop_sequence: null };
    const events: Event[] = [
      { type: "message_start", message: begun },
      ...content.map(asObject).flatMap(splitBlock),
      { type: "message_delta", delta: { stop_reason, stop_sequence }, usage },
      { type: "message_stop" },
    ];
    return events.map((event) => writeEvent(JSON.stringify(event), event.type)).join("");
  },
  join(events) {
    let message: JsonObject = {};
    const blocks = new Map<unknown, JsonObject>();
    for (const event of events) {
      const { type, index } = event;
      if (type === "message_start") message = asObject(event["message"]);
      if (type === "content_block_start") blocks.set(index, asObject(event["content_block"]));
      if (type === "content_block_delta")
        blocks.set(index, extend(blocks.get(index) ?? {}, asObject(event["delta"])));
      if (type === "message_delta") message = end(message, event);
    }
    return { ...message, content: [...blocks.values()].map(closeBlock) };
  },
};

type Event = JsonObject & { readonly type: string };

/** What comes in deltas, by a block's type, and what that is of the block at its start. */
const DELTAS: ReadonlyMap<unknown, readonly [type: string, field: string, start: string]> = new Map([
  ["text", ["text_delta", "text", "text"]],
  ["thinking", ["thinking_delta", "thinking", "thinking"]],
  ["tool_use", ["input_json_delta", "partial_json", "input"]],
]);

function splitBlock(block: JsonObject, index: number): Event[] {
  const stop = { type: "content_block_stop", index };
  const form = DELTAS.get(block["type"]);
  if (!form) return [{ type: "content_block_start", index, content_block: block }, stop];
  const [type, field, name] = form;
  const said = name === "input" ? JSON.stringify(block[name] ?? {}) : (block[name] ?? "");
  const begun = { ...block, [name]: name === "input" ? {} : "" };
  const { signature } = block;
  const signed = { type: "content_block_delta", index, delta: { type: "signature_delta", signature } };
  return [
    {
      type: "content_block_start",
      index,
      content_block: name === "thinking" ? { ...begun, signature: "" } : begun,
    },
    { type: "content_block_delta", index, delta: { type, [field]: said } },
    ...(name === "thinking" && signature !== undefined ? [signed] : []),
    stop,
  ];
}

/** A block's arguments are kept as text until it is whole. */
const ARGUMENTS = "partial_json";

function extend(block: JsonObject, { citation, ...parts }: JsonObject): JsonObject {
  const extended: Record<string, unknown> = { ...block };
  for (const [name, value] of Object.entries(parts)) {
    const before = extended[name];
    if (name !== "type")
      extended[name] = typeof value === "string" && typeof before === "string" ? before + value : value;
  }
  if (citation === undefined) return extended;
  const { citations } = extended;
  return { ...extended, citations: [...(Array.isArray(citations) ? citations : []), citation] };
}

function closeBlock({ [ARGUMENTS]: json, ...block }: JsonObject): JsonObject {
  return typeof json === "string" ? { ...block, input: readJsonObject(json) ?? {} } : block;
}

/** Counts are totals, and null where the event has none. */
function end(message: JsonObject, { delta, usage }: JsonObject): JsonObject {
  const counts = Object.entries(asObject(usage)).filter(([, value]) => value !== null);
  return {
    ...message,
    ...asObject(delta),
    usage: { ...asObject(message["usage"]), ...Object.fromEntries(counts) },
  };
}
