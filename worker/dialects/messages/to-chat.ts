import type { ChatRequest, TaskRequests } from "../../contract/requests.ts";
import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import type { Result } from "../../domain/result.ts";
import {
  type ChatMessage,
  dropAbsent,
  functionTool,
  joinContent,
  markOf,
  textPart,
} from "../chat-message.ts";
import type { UnavailableTools } from "../dialect.ts";
import { notInChat, quote, Refusals } from "../refusals.ts";
import * as blocks from "./blocks.ts";
import { readMessages } from "./read-messages.ts";

/** What only Anthropic's own servers can do. */
const SERVERS_OWN = ["container", "mcp_servers", "inference_geo"] as const;

/** Hints about how Anthropic is to serve a request; without them it is answered all the same. */
const DROPPED = ["cache_control", "context_management", "service_tier", "speed", "diagnostics"] as const;

/** OpenAI refuses a longer `user`; ids of Anthropic's clients may be. */
const MAX_USER_CHARS = 64;

/**
 * Translates a request of the Messages API. Fields of the same name and unknown ones (`top_k`) stay as they
 * are, and so do marks for prompt caching: what a server of chat does not take of them is its adapter's matter.
 */
export function toChat(
  input: TaskRequests["messages"],
  unavailableTools: UnavailableTools,
): Result<ChatRequest, AnswerFailure> {
  const refusals = new Refusals();
  const fields = refusals.read(blocks.fields, input, "");
  if (!fields) return refusals.conclude<ChatRequest>(undefined);
  for (const field of SERVERS_OWN) refusals.refuseIfSet(field, input[field], notInChat("this"));
  const { system, stop_sequences, tools, tool_choice, ...more } = fields;
  const { thinking, output_config, metadata, max_tokens: _, ...rest } = more;
  for (const field of [...SERVERS_OWN, ...DROPPED]) delete rest[field];
  return refusals.conclude({
    ...rest,
    model: input.model,
    messages: [...readSystem(system), ...readMessages(input.messages, refusals, unavailableTools)],
    max_completion_tokens: input.max_tokens,
    ...dropAbsent({
      ...readTools({ tools: tools ?? [], choice: tool_choice, unavailableTools }, refusals),
      stop: stop_sequences?.length ? stop_sequences : undefined,
      reasoning_effort: output_config?.effort ?? readEffort(thinking, input.max_tokens),
      response_format: readFormat(output_config?.format),
      user: readUser(metadata?.user_id),
    }),
  });
}

const readUser = (id: string | null | undefined) => (id && id.length <= MAX_USER_CHARS ? id : undefined);

function readSystem(system: blocks.Fields["system"]): ChatMessage[] {
  if (typeof system === "string") return system === "" ? [] : [{ role: "system", content: system }];
  const parts = (system ?? []).map((block) => ({ ...textPart(block.text), ...markOf(block) }));
  const content = joinContent(parts, "\n\n");
  return content === "" ? [] : [{ role: "system", content }];
}

interface ToolFields {
  readonly tools: NonNullable<blocks.Fields["tools"]>;
  readonly choice: blocks.Fields["tool_choice"];
  readonly unavailableTools: UnavailableTools;
}

/** Servers refuse the choice of a tool where there are no tools, so both are read together. */
function readTools({ tools, choice, unavailableTools }: ToolFields, refusals: Refusals) {
  const isLeftOut = ({ type }: { readonly type?: string | null | undefined }) =>
    isBuiltIn(type) && unavailableTools === "leave_out";
  const left = tools.filter(isLeftOut).map(({ name }) => name);
  if (choice?.type === "tool" && left.includes(choice.name)) {
    refusals.refuse("tool_choice", notInChat(`the tool ${quote(choice.name)}`));
  }
  if (choice?.type === "tool" && !choice.name)
    refusals.refuse("tool_choice.name", "expected the name of a tool");
  const functions = tools.flatMap((tool, index) =>
    isLeftOut(tool) ? [] : readTool(tool, `tools[${index}]`, refusals),
  );
  if (functions.length === 0) return {};
  return {
    tools: functions,
    tool_choice: choice && readToolChoice(choice),
    parallel_tool_calls: choice?.disable_parallel_tool_use === true ? false : undefined,
  };
}

const isBuiltIn = (type: string | null | undefined) => (type ?? "custom") !== "custom";

function readTool(
  tool: { readonly type?: string | null | undefined },
  path: string,
  refusals: Refusals,
): object[] {
  if (isBuiltIn(tool.type)) return refusals.refuse(path, notInChat(`a tool of type ${quote(tool.type)}`));
  const read = refusals.read(blocks.tool, tool, path);
  if (!read) return [];
  const { name, description, input_schema: parameters, strict } = read;
  return [{ ...functionTool({ name, description, parameters, strict }), ...markOf(read) }];
}

function readToolChoice({ type, name }: NonNullable<blocks.Fields["tool_choice"]>): unknown {
  if (type === "tool") return { type: "function", function: { name } };
  return type === "any" ? "required" : type;
}

/**
 * The effort that a budget of thinking comes to. The bounds lie midway between the shares of the
 * answer's tokens that OpenRouter gives to low, medium and high effort (0.2, 0.5 and 0.8):
 * https://openrouter.ai/docs/use-cases/reasoning-tokens
 */
function readEffort(thinking: blocks.Fields["thinking"], maxTokens: number): string | undefined {
  if (thinking?.type !== "enabled" || typeof thinking.budget_tokens !== "number") return undefined;
  const share = thinking.budget_tokens / maxTokens;
  if (share < 0.35) return "low";
  return share < 0.65 ? "medium" : "high";
}

/** Chat wants a name for the schema, which the Messages API does not have. */
const readFormat = (format: NonNullable<blocks.Fields["output_config"]>["format"]) =>
  format && { type: "json_schema", json_schema: { name: "output", schema: format.schema, strict: true } };
