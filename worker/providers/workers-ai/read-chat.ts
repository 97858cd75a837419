import type { ChatRequest } from "../../contract/requests.ts";
import { chatCompletion } from "../../contract/responses.ts";
import type { Answer, AnswerFailure } from "../../domain/routing/adapter.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { shapeChat, type ToolCall } from "../../domain/answers/shape-answer.ts";
import { replySchema, type ToolCalls } from "./schema.ts";

/** Reads a whole reply: `{response, tool_calls, usage}`, or OpenAI's shape where the model is newer. */
export function readChat(text: string, input: ChatRequest): Result<Answer, AnswerFailure> {
  const openai = parseAnswer(chatCompletion, text);
  if (openai.ok) return ok({ body: text, usage: openai.value.usage ?? null });
  const parsed = parseAnswer(replySchema, text);
  if (!parsed.ok) return parsed;
  const { response, tool_calls: called, usage } = parsed.value;
  const calls = readCalls(called);
  if (!calls || (response == null && calls.length === 0))
    return err({ kind: "invalid_response", reason: "neither a response nor a call of a tool" });
  return shapeChat({ text: writeText(response), calls }, input, usage ?? null);
}

/** In JSON mode the response is the value itself. */
export const writeText = (response: unknown): string =>
  response == null ? "" : typeof response === "string" ? response : JSON.stringify(response);

/** Reads tool calls in either shape; undefined where one has no name. Those without an id get one by number. */
export function readCalls(called: ToolCalls, from = 0): readonly ToolCall[] | undefined {
  const calls: ToolCall[] = [];
  for (const [index, call] of (called ?? []).entries()) {
    const { name, arguments: given } = call.function ?? call;
    if (typeof name !== "string") return undefined;
    const id = call.id ?? `call_${from + index}`;
    calls.push({ id, type: "function", function: { name, arguments: writeText(given ?? {}) } });
  }
  return calls;
}
