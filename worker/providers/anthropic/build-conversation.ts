import type { ChatRequest } from "../../contract/requests.ts";
import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { ok, type Result } from "../../domain/result.ts";
import { buildAssistant } from "./build-assistant.ts";
import { buildContent, cacheControl, markContent } from "./build-content.ts";
import type { JsonObject } from "../../domain/requests/json-object.ts";
import { refuse } from "./refuse.ts";

type ChatMessage = ChatRequest["messages"][number];
type Outcome = Result<null, AnswerFailure>;

/** A conversation in Anthropic's form, which has the system's messages in a field of their own. */
export interface Conversation {
  readonly system: readonly JsonObject[];
  readonly messages: readonly JsonObject[];
}

interface Draft {
  readonly system: JsonObject[];
  readonly messages: JsonObject[];
  /** The results of one turn's tools, which are sent in one message. */
  results: JsonObject[] | undefined;
}

type AddMessage = (message: ChatMessage, field: string, draft: Draft) => Outcome;

const ROLES: ReadonlyMap<string, AddMessage> = new Map<string, AddMessage>([
  ["system", addSystem],
  ["developer", addSystem],
  ["user", addUser],
  ["assistant", addAssistant],
  ["tool", addToolResult],
]);

/** Translates the messages of a chat; names the first that Anthropic has no form for. */
export function buildConversation(messages: readonly ChatMessage[]): Result<Conversation, AnswerFailure> {
  const draft: Draft = { system: [], messages: [], results: undefined };
  for (const [index, message] of messages.entries()) {
    const add = ROLES.get(message.role);
    if (!add) return refuse(`messages[${index}].role`, `'${message.role.slice(0, 32)}' has no counterpart`);
    if (message.role !== "tool") draft.results = undefined;
    const added = add(message, `messages[${index}]`, draft);
    if (!added.ok) return added;
  }
  return ok(draft);
}

function addSystem(message: ChatMessage, field: string, draft: Draft): Outcome {
  const content = buildContent(message["content"], `${field}.content`);
  if (!content.ok) return content;
  const marked = markContent(content.value, message);
  if (typeof marked !== "string") draft.system.push(...marked);
  else draft.system.push({ type: "text", text: marked });
  return DONE;
}

function addUser(message: ChatMessage, field: string, draft: Draft): Outcome {
  const content = buildContent(message["content"], `${field}.content`);
  if (!content.ok) return content;
  draft.messages.push({ role: "user", content: markContent(content.value, message) });
  return DONE;
}

/** Adds a turn of the assistant, unless nothing of it is left. */
function addAssistant(message: ChatMessage, field: string, draft: Draft): Outcome {
  const content = buildAssistant(message, field);
  if (!content.ok) return content;
  if (content.value.length > 0) {
    draft.messages.push({ role: "assistant", content: markContent(content.value, message) });
  }
  return DONE;
}

function addToolResult(message: ChatMessage, field: string, draft: Draft): Outcome {
  const id = message["tool_call_id"];
  if (typeof id !== "string") return refuse(`${field}.tool_call_id`, "expected the id of a call");
  const content = buildContent(message["content"], `${field}.content`);
  if (!content.ok) return content;
  const result = {
    type: "tool_result",
    tool_use_id: id,
    content: content.value,
    ...(message["is_error"] === true ? { is_error: true } : {}),
    ...cacheControl(message),
  };
  if (draft.results) draft.results.push(result);
  else {
    draft.results = [result];
    draft.messages.push({ role: "user", content: draft.results });
  }
  return DONE;
}

const DONE: Outcome = ok(null);
