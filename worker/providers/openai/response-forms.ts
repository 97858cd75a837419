import type { AnswerForms } from "../../domain/routing/adapter.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { asObject, type JsonObject } from "../../domain/requests/json-object.ts";

/** A whole response and its events. */
export const responseForms: AnswerForms = {
  split(response) {
    const { output, status = "completed" } = response;
    if (!Array.isArray(output)) return undefined;
    const begun = { ...response, status: "in_progress", output: [], usage: null };
    const events: Event[] = [
      { type: "response.created", response: begun },
      { type: "response.in_progress", response: begun },
      ...output.map(asObject).flatMap(splitItem),
      { type: `response.${String(status)}`, response },
    ];
    return events
      .map((event, at) => writeEvent(JSON.stringify({ ...event, sequence_number: at }), event.type))
      .join("");
  },
  /** The last event has all of it. */
  join: (events) => asObject(events.findLast(({ response }) => response !== undefined)?.["response"]),
};

type Event = JsonObject & { readonly type: string };

function splitItem(item: JsonObject, output_index: number): Event[] {
  const begun = { ...item, status: "in_progress" };
  const done: Event = { type: "response.output_item.done", output_index, item };
  const place = { item_id: item["id"], output_index };
  const added = (start: JsonObject): Event => ({
    type: "response.output_item.added",
    output_index,
    item: { ...begun, ...start },
  });
  if (item["type"] === "function_call") {
    const name = "response.function_call_arguments";
    const { arguments: json = "" } = item;
    return [
      added({ arguments: "" }),
      { type: `${name}.delta`, ...place, delta: json },
      { type: `${name}.done`, ...place, name: item["name"], arguments: json },
      done,
    ];
  }
  const parts = item["type"] === "message" && Array.isArray(item["content"]) ? item["content"] : [];
  const told = parts.map(asObject).flatMap((part, at) => splitPart(part, { ...place, content_index: at }));
  return [added(parts.length > 0 ? { content: [] } : {}), ...told, done];
}

/** A text or a refusal, as its events have it; other parts are only announced. */
function splitPart(part: JsonObject, place: JsonObject): Event[] {
  const kind = part["type"] === "refusal" ? "refusal" : "text";
  const name = kind === "refusal" ? "response.refusal" : "response.output_text";
  const { [kind]: text = "" } = part;
  return [
    { type: "response.content_part.added", ...place, part: { ...part, [kind]: "" } },
    { type: `${name}.delta`, ...place, delta: text, ...(kind === "text" ? { logprobs: [] } : {}) },
    { type: `${name}.done`, ...place, [kind]: text, ...(kind === "text" ? { logprobs: [] } : {}) },
    { type: "response.content_part.done", ...place, part },
  ];
}
