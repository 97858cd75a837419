import type { AnswerForms } from "../../domain/routing/adapter.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { asObject, isObject, type JsonObject } from "../../domain/requests/json-object.ts";
import { joinDelta } from "./join-delta.ts";
import { numberCalls } from "./mend-chunk.ts";

/** A whole chat completion and its chunks. */
export const chatForms: AnswerForms = {
  split(answer) {
    const { choices, usage, ...rest } = answer;
    if (!Array.isArray(choices)) return undefined;
    const head = { ...rest, object: "chat.completion.chunk" };
    const chunks = choices.map(asObject).flatMap(({ message, finish_reason: reason = "stop", ...choice }) => [
      { ...choice, delta: numberCalls({ role: "assistant", ...asObject(message) }), finish_reason: null },
      { index: choice["index"], delta: {}, finish_reason: reason },
    ]);
    return writeChunks(
      head,
      chunks.map((choice) => [choice]),
      usage,
    );
  },
  join(events) {
    const { choices, ...rest } = joinChunks(events, "chat.completion");
    const finish = ({ message, ...choice }: JsonObject) => ({
      ...choice,
      message: finishMessage(asObject(message)),
    });
    return { ...rest, choices: choices.map(finish) };
  },
};

/** A whole text completion and its parts, which have the same shape. */
export const completionForms: AnswerForms = {
  split({ choices, usage, ...head }) {
    return Array.isArray(choices) ? writeChunks(head, [choices], usage) : undefined;
  },
  join: (events) => joinChunks(events, "text_completion"),
};

function writeChunks(head: JsonObject, chunks: readonly (readonly unknown[])[], usage: unknown): string {
  const told = isObject(usage) ? [{ ...head, choices: [], usage }] : [];
  const events = [...chunks.map((choices) => ({ ...head, choices })), ...told];
  return events.map((chunk) => writeEvent(JSON.stringify(chunk))).join("") + writeEvent("[DONE]");
}

/** A message has a content, null where there is none, and its calls have no places. */
function finishMessage({ tool_calls: calls, ...message }: JsonObject): JsonObject {
  if (!Array.isArray(calls)) return { content: null, ...message };
  return { content: null, ...message, tool_calls: calls.map(asObject).map(leaveOutPlace) };
}

const leaveOutPlace = (call: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(call).filter(([name]) => name !== "index"));

function joinChunks(
  events: readonly JsonObject[],
  object: string,
): JsonObject & { readonly choices: readonly JsonObject[] } {
  const choices = new Map<unknown, JsonObject>();
  let head: JsonObject = {};
  for (const event of events) {
    const { choices: came, ...rest } = event;
    const told = Object.entries(rest).filter(([, value]) => value !== null);
    head = { ...head, ...Object.fromEntries(told) };
    for (const choice of Array.isArray(came) ? came.map(asObject) : []) {
      const { index = 0 } = choice;
      choices.set(index, joinChoice(choices.get(index) ?? { index }, choice));
    }
  }
  return { ...head, object, choices: [...choices.values()] };
}

function joinChoice(before: JsonObject, { delta, message, text, ...rest }: JsonObject): JsonObject {
  const told = Object.entries(rest).filter(([, value]) => value !== null);
  const said = asObject(message ?? delta);
  const joined = { ...before, ...Object.fromEntries(told) };
  if (typeof text !== "string") return { ...joined, message: joinDelta(asObject(before["message"]), said) };
  const { text: already } = before;
  return { ...joined, text: typeof already === "string" ? already + text : text };
}
