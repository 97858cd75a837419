import type { TaskRequests } from "../../contract/requests.ts";
import type { Usage } from "../../contract/responses.ts";
import { readUsage } from "../read-usage.ts";
import type { Block, Turn } from "../turn.ts";
import { packThinking } from "./carry-thinking.ts";
import { findOffered, readFreeText } from "./tools.ts";
import { deriveId, type TurnHead } from "../turn-head.ts";

type Input = TaskRequests["responses"];

/** The response at its start: the request's settings, with the API's defaults. */
export function startResponse(head: TurnHead, input: Input): Record<string, unknown> {
  const asked = (field: string, otherwise: unknown = null) => input[field] ?? otherwise;
  return {
    id: `resp_${deriveId(head)}`,
    object: "response",
    created_at: head.created ?? 0,
    status: "in_progress",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: asked("instructions"),
    max_output_tokens: asked("max_output_tokens"),
    metadata: asked("metadata", {}),
    model: head.model,
    output: [],
    parallel_tool_calls: asked("parallel_tool_calls", true),
    previous_response_id: null,
    reasoning: { effort: null, summary: null, ...(asked("reasoning", {}) as object) },
    store: false,
    temperature: asked("temperature"),
    text: { format: { type: "text" }, ...(asked("text", {}) as object) },
    tool_choice: asked("tool_choice", "auto"),
    tools: asked("tools", []),
    top_p: asked("top_p"),
    truncation: "disabled",
    usage: null,
    user: asked("user"),
  };
}

/** Why a response is incomplete, by chat's word for the end of it. */
const INCOMPLETE = { length: "max_output_tokens", content_filter: "content_filter" } as const;

/** The complete response. */
export function finishResponse(
  turn: Turn,
  input: Input,
  context: ItemContext = openItems(turn.head, input),
): Record<string, unknown> {
  const { finishReason } = turn;
  const isIncomplete = finishReason === "length" || finishReason === "content_filter";
  return {
    ...startResponse(turn.head, input),
    status: isIncomplete ? "incomplete" : "completed",
    incomplete_details: isIncomplete ? { reason: INCOMPLETE[finishReason] } : null,
    output: turn.blocks.map((block) => writeItem(block, context)),
    usage: turn.usage && writeUsage(turn.usage),
  };
}

/** What the items of one answer are written with. */
export interface ItemContext {
  readonly head: TurnHead;
  readonly findTool: ReturnType<typeof findOffered>;
  /** Whether the client takes thinking along, to send it back. */
  readonly carriesThinking: boolean;
}

export const openItems = (head: TurnHead, input: Input): ItemContext => ({
  head,
  findTool: findOffered(input),
  carriesThinking:
    Array.isArray(input["include"]) && input["include"].includes("reasoning.encrypted_content"),
});

/** A call of a tool that takes free text is an item of another kind than that of a function. */
export const isFreeText = ({ kind, name }: Block, { findTool }: ItemContext): boolean =>
  kind === "call" && findTool(name)?.type === "custom";

const ID_PREFIXES = { reasoning: "rs", text: "msg", refusal: "msg", call: "fc" } as const;

export const itemId = (block: Block, context: ItemContext): string => {
  const prefix = isFreeText(block, context) ? "ctc" : ID_PREFIXES[block.kind];
  return `${prefix}_${deriveId(context.head)}_${block.index}`;
};

/** An item when it is opened: without content. */
export function startItem(block: Block, context: ItemContext): Record<string, unknown> {
  const id = itemId(block, context);
  const status = "in_progress";
  if (block.kind === "call") return { id, status, ...startCall(block, context) };
  if (block.kind === "reasoning") return { id, type: "reasoning", status, summary: [], content: [] };
  return { id, type: "message", status, role: "assistant", content: [] };
}

function startCall(block: Block, context: ItemContext): Record<string, unknown> {
  const { name = block.name, namespace } = context.findTool(block.name) ?? {};
  if (isFreeText(block, context)) return { type: "custom_tool_call", call_id: block.id, name, input: "" };
  const of = namespace === undefined ? {} : { namespace };
  return { type: "function_call", call_id: block.id, name, ...of, arguments: "" };
}

/** A complete item. */
export function writeItem(block: Block, context: ItemContext): Record<string, unknown> {
  const item = { ...startItem(block, context), status: block.cut ? "incomplete" : "completed" };
  if (isFreeText(block, context)) return { ...item, input: readFreeText(block.text) };
  if (block.kind === "call") return { ...item, arguments: block.text };
  const carried =
    block.kind === "reasoning" && context.carriesThinking
      ? { encrypted_content: packThinking(block.text) }
      : {};
  return { ...item, ...carried, content: [writePart(block.kind, block.text)] };
}

/** The one content part that an item other than a call has. */
export function writePart(kind: Block["kind"], text: string): Record<string, unknown> {
  if (kind === "refusal") return { type: "refusal", refusal: text };
  if (kind === "reasoning") return { type: "reasoning_text", text };
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

function writeUsage(usage: Usage): Record<string, unknown> {
  const { input, cached, cacheWritten, output, reasoning } = readUsage(usage);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached, cache_write_tokens: cacheWritten },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: usage.total_tokens ?? input + output,
  };
}
