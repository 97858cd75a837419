import type { ChatRequest, TaskRequests } from "../../contract/requests.ts";
import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { asObject, type JsonObject } from "../../domain/requests/json-object.ts";
import type { Result } from "../../domain/result.ts";
import { type ChatMessage, dropAbsent, functionTool } from "../chat-message.ts";
import type { UnavailableTools } from "../dialect.ts";
import { notInChat, quote, Refusals } from "../refusals.ts";
import * as items from "./items.ts";
import { readInput } from "./read-input.ts";
import { describeFreeText, FREE_TEXT, listTools, type Offered } from "./tools.ts";

const SEND_ALL = "Send the whole conversation as 'input'.";

/** Fields that only a server can serve that stores responses or runs tools itself, and what does instead. */
const SERVERS_OWN = {
  previous_response_id: SEND_ALL,
  conversation: SEND_ALL,
  background: "Have it run as a job instead: POST /v1/jobs.",
  prompt: "Send what it says as 'instructions' and 'input'.",
  context_management: undefined,
  top_logprobs: undefined,
} as const;

/** Fields that are handled here, or that make no difference where nothing is stored or run. */
const DROPPED = [
  "store",
  "metadata",
  "client_metadata",
  "truncation",
  "max_tool_calls",
  "include",
  "stream_options",
] as const;

/**
 * Translates a request of the Responses API. Fields of the same name and unknown ones stay as they are.
 * `store` is accepted and nothing is stored; `truncation: "auto"` works like "disabled". The answer says
 * both.
 */
export function toChat(
  input: TaskRequests["responses"],
  unavailableTools: UnavailableTools,
): Result<ChatRequest, AnswerFailure> {
  const refusals = new Refusals();
  const fields = refusals.read(items.fields, input, "");
  if (!fields) return refusals.conclude<ChatRequest>(undefined);
  for (const [field, instead] of Object.entries(SERVERS_OWN))
    refusals.refuseIfSet(field, input[field], notInChat("this", instead));
  const wantsLogprobs = fields.include?.includes("message.output_text.logprobs");
  refusals.refuseIfSet("include", wantsLogprobs, notInChat("'message.output_text.logprobs'"));
  const { input: _, instructions, tools: __, tool_choice, parallel_tool_calls, ...more } = fields;
  const offered = listTools(input);
  const { text, reasoning, max_output_tokens, ...rest } = more;
  for (const field of [...Object.keys(SERVERS_OWN), ...DROPPED]) delete rest[field];
  const said: ChatMessage[] = instructions ? [{ role: "system", content: instructions }] : [];
  return refusals.conclude({
    ...rest,
    model: input.model,
    messages: [...said, ...readInput(input.input ?? [], { refusals, unavailableTools, offered })],
    ...dropAbsent({
      ...readTools(offered, { tool_choice, parallel_tool_calls }, { refusals, unavailableTools }),
      max_completion_tokens: max_output_tokens,
      reasoning_effort: reasoning?.effort,
      response_format: readFormat(text?.format, refusals),
      verbosity: text?.verbosity,
    }),
  });
}

type ToolFields = Pick<items.Fields, "tool_choice" | "parallel_tool_calls">;
interface Reading {
  readonly refusals: Refusals;
  readonly unavailableTools: UnavailableTools;
}

/** Servers refuse the choice of a tool where there are no tools, so both are read together. */
function readTools(
  offered: readonly Offered[],
  { tool_choice, parallel_tool_calls }: ToolFields,
  reading: Reading,
) {
  const allowed = tool_choice && typeof tool_choice === "object" ? readAllowed(tool_choice) : undefined;
  const available = allowed ? offered.filter(({ name }) => allowed.names.has(name)) : offered;
  const tools = available.flatMap((each) => readTool(each, reading));
  const choice = allowed ? allowed.mode : readToolChoice(tool_choice, offered, reading.refusals);
  return tools.length > 0 ? { tools, tool_choice: choice, parallel_tool_calls } : {};
}

/** A choice among some of the tools, which few servers of chat have: the others are not offered. */
function readAllowed({ type, mode, tools }: JsonObject) {
  if (type !== "allowed_tools" || !Array.isArray(tools)) return undefined;
  return {
    mode: mode === "required" ? mode : "auto",
    names: new Set(tools.map((tool) => asObject(tool)["name"])),
  };
}

function readTool(
  { type, chatName, tool, path }: Offered,
  { refusals, unavailableTools }: Reading,
): object[] {
  if (type === "custom") {
    const read = refusals.read(items.customTool, tool, path);
    if (!read) return [];
    return [functionTool({ name: chatName, description: describeFreeText(tool), parameters: FREE_TEXT })];
  }
  if (type !== "function") {
    const refuses = unavailableTools === "refuse";
    return refuses ? refusals.refuse(path, notInChat(`a tool of type ${quote(type)}`)) : [];
  }
  const read = refusals.read(items.functionTool, tool, path);
  if (!read) return [];
  const { description, parameters, strict } = read;
  return [functionTool({ name: chatName, description, parameters, strict })];
}

const FUNCTIONS: ReadonlySet<unknown> = new Set(["function", "custom"]);

/** A tool that was left out cannot be chosen. */
function readToolChoice(
  choice: items.Fields["tool_choice"],
  offered: readonly Offered[],
  refusals: Refusals,
): unknown {
  if (typeof choice !== "object" || choice === null) return choice;
  if (!FUNCTIONS.has(choice.type)) {
    return refusals.refuse("tool_choice", notInChat(`a choice of type ${quote(choice.type)}`));
  }
  const { name, namespace } = choice;
  if (!name) return refusals.refuse("tool_choice.name", "expected the name of a tool");
  const chosen = offered.find((each) => each.name === name && each.namespace === (namespace ?? undefined));
  return { type: "function", function: { name: chosen?.chatName ?? name } };
}

function readFormat(format: object | null | undefined, refusals: Refusals): object | undefined {
  const read = format ? refusals.read(items.textFormat, format, "text.format") : undefined;
  if (!read || read.type === "text") return undefined;
  if (read.type === "json_object") return { type: "json_object" };
  const { name, description, schema, strict } = read;
  return { type: "json_schema", json_schema: dropAbsent({ name, description, schema, strict }) };
}
