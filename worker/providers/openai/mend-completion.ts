import { asObject, isObject, type JsonObject } from "../../domain/requests/json-object.ts";
import { mendReason } from "./finish-reasons.ts";
import { mendCalls } from "./mend-calls.ts";
import { saysMore } from "./speaks.ts";
import { addHead } from "./mend-chunk.ts";
import { mendContent } from "./mend-content.ts";
import { CallNumbers } from "./number-calls.ts";

/**
 * A completion that lacks fields which clients expect, with them: its head, and a message in each choice. Some
 * servers leave the message out where all tokens went into thinking. Undefined where there are no choices.
 */
export function mendCompletion(answer: JsonObject, model: string): JsonObject | undefined {
  const choices = answer["choices"];
  if (!Array.isArray(choices) || choices.length === 0 || !choices.every(isAnswer)) return undefined;
  return {
    ...addHead(answer, { object: "chat.completion", model }),
    choices: choices.map((choice, at) => mendChoice(choice, at, answer)),
  };
}

/** A message that says nothing is an answer where the choice says why it ended: models do that. */
function isAnswer(choice: unknown): choice is JsonObject {
  if (!isObject(choice)) return false;
  const { message, delta, finish_reason: reason } = choice;
  const said = message ?? delta;
  return isObject(said) ? typeof reason === "string" || saysMore(said) : hasEndedEmpty(choice);
}

const hasEndedEmpty = ({ message, text, finish_reason: reason }: JsonObject): boolean =>
  message == null && text === undefined && (reason === "length" || reason === "content_filter");

function mendChoice(choice: JsonObject, at: number, answer: JsonObject): JsonObject {
  const { index, message, delta, finish_reason: reason } = choice;
  const said = nameCalls(mendContent(mendCalls(asObject(message ?? delta))), answer);
  const calls = said["tool_calls"];
  return {
    ...choice,
    index: typeof index === "number" ? index : at,
    message: { content: null, ...said, role: typeof said["role"] === "string" ? said["role"] : "assistant" },
    finish_reason: mendReason(reason, Array.isArray(calls) && calls.length > 0) ?? "stop",
  };
}

/** A message with an id and a type for each of its calls, which have no numbers there. */
function nameCalls(said: JsonObject, answer: JsonObject): JsonObject {
  const calls = said["tool_calls"];
  if (!Array.isArray(calls) || calls.length === 0) return said;
  const numbered = calls.map((call: unknown, index) => ({ ...asObject(call), index }));
  const named = new CallNumbers().mend(numbered, answer).map((call) => {
    const { index: _, ...rest } = asObject(call);
    return rest;
  });
  return { ...said, tool_calls: named };
}
