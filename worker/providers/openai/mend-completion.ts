import { asObject, isObject, type JsonObject } from "../../domain/requests/json-object.ts";
import { mendCalls } from "./mend-calls.ts";
import { addHead } from "./mend-chunk.ts";

/**
 * A completion that lacks fields which clients expect, with them: its head, and a message in each choice. Some
 * servers leave the message out where all tokens went into thinking. Undefined where there are no choices.
 */
export function mendCompletion(answer: JsonObject, model: string): JsonObject | undefined {
  const choices = answer["choices"];
  if (!Array.isArray(choices) || choices.length === 0 || !choices.every(isAnswer)) return undefined;
  return {
    ...addHead(answer, { object: "chat.completion", model }),
    choices: choices.map(mendChoice),
  };
}

const isAnswer = (choice: unknown): choice is JsonObject =>
  isObject(choice) && (isObject(choice["message"] ?? choice["delta"]) || hasEndedEmpty(choice));

const hasEndedEmpty = ({ message, text, finish_reason: reason }: JsonObject): boolean =>
  message == null && text === undefined && typeof reason === "string";

function mendChoice(choice: JsonObject, at: number): JsonObject {
  const { index, message, delta, finish_reason: reason } = choice;
  const said = mendCalls(asObject(message ?? delta));
  return {
    ...choice,
    index: typeof index === "number" ? index : at,
    message: { content: null, ...said, role: typeof said["role"] === "string" ? said["role"] : "assistant" },
    finish_reason: typeof reason === "string" ? reason : "stop",
  };
}
