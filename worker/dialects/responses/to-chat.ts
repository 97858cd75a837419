import type { ChatRequest, TaskRequests } from "../../contract/requests.ts";
import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import type { Result } from "../../domain/result.ts";
import { type ChatMessage, dropAbsent, functionTool } from "../chat-message.ts";
import { notInChat, quote, Refusals } from "../refusals.ts";
import * as items from "./items.ts";
import { readInput } from "./read-input.ts";

/** Fields that only a server can serve that stores responses or runs tools itself. */
const SERVERS_OWN = [
  "previous_response_id",
  "conversation",
  "background",
  "prompt",
  "context_management",
  "top_logprobs",
] as const;

/** Fields that are handled here, or that make no difference where nothing is stored or run. */
const DROPPED = ["store", "metadata", "truncation", "max_tool_calls", "include", "stream_options"] as const;

/**
 * Translates a request of the Responses API. Fields of the same name and unknown ones stay as they are.
 * `store` is accepted and nothing is stored; `truncation: "auto"` works like "disabled". The answer says
 * both.
 */
export function toChat(input: TaskRequests["responses"]): Result<ChatRequest, AnswerFailure> {
  const refusals = new Refusals();
  const fields = refusals.read(items.fields, input, "");
  if (!fields) return refusals.conclude<ChatRequest>(undefined);
  for (const field of SERVERS_OWN) refusals.refuseIfSet(field, input[field], notInChat("this"));
  const wantsLogprobs = fields.include?.includes("message.output_text.logprobs");
  refusals.refuseIfSet("include", wantsLogprobs, notInChat("'message.output_text.logprobs'"));
  const { input: _, instructions, tools, tool_choice, parallel_tool_calls, ...more } = fields;
  const { text, reasoning, max_output_tokens, ...rest } = more;
  for (const field of [...SERVERS_OWN, ...DROPPED]) delete rest[field];
  const said: ChatMessage[] = instructions ? [{ role: "system", content: instructions }] : [];
  return refusals.conclude({
    ...rest,
    model: input.model,
    messages: [...said, ...readInput(input.input, refusals)],
    ...dropAbsent({
      ...(tools?.length ? readTools({ tools, tool_choice, parallel_tool_calls }, refusals) : {}),
      max_completion_tokens: max_output_tokens,
      reasoning_effort: reasoning?.effort,
      response_format: readFormat(text?.format, refusals),
      verbosity: text?.verbosity,
    }),
  });
}

type ToolFields = Pick<items.Fields, "tools" | "tool_choice" | "parallel_tool_calls">;

/** Servers refuse the choice of a tool where there are no tools, so both are read together. */
function readTools({ tools, tool_choice, parallel_tool_calls }: ToolFields, refusals: Refusals) {
  return {
    tools: (tools ?? []).flatMap((tool, index) => readTool(tool, `tools[${index}]`, refusals)),
    tool_choice: readToolChoice(tool_choice, refusals),
    parallel_tool_calls,
  };
}

function readTool(tool: { readonly type: string }, path: string, refusals: Refusals): object[] {
  if (tool.type !== "function") return refusals.refuse(path, notInChat(`a tool of type ${quote(tool.type)}`));
  const read = refusals.read(items.functionTool, tool, path);
  if (!read) return [];
  const { name, description, parameters, strict } = read;
  return [functionTool({ name, description, parameters, strict })];
}

function readToolChoice(choice: items.Fields["tool_choice"], refusals: Refusals): unknown {
  if (typeof choice !== "object" || choice === null) return choice;
  if (choice.type === "function") return { type: "function", function: { name: choice.name } };
  return refusals.refuse("tool_choice", notInChat(`a choice of type ${quote(choice.type)}`));
}

function readFormat(format: object | null | undefined, refusals: Refusals): object | undefined {
  const read = format ? refusals.read(items.textFormat, format, "text.format") : undefined;
  if (!read || read.type === "text") return undefined;
  if (read.type === "json_object") return { type: "json_object" };
  const { name, description, schema, strict } = read;
  return { type: "json_schema", json_schema: dropAbsent({ name, description, schema, strict }) };
}
