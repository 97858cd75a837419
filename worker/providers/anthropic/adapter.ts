import { ODDITIES } from "../../contract/config/oddities.ts";
import type { ChatRequest } from "../../contract/requests.ts";
import type { Connection, HttpTask, ProviderAdapter, ProviderRequest } from "../../domain/routing/adapter.ts";
import { ok } from "../../domain/result.ts";
import { createFitChat, translateFitted } from "../oddities/fit-chat.ts";
import { buildMessageRequest } from "./build-request.ts";
import { leaveOutUnsigned } from "./leave-out-unsigned.ts";
import type { JsonObject } from "../../domain/requests/json-object.ts";
import { messageForms } from "./message-forms.ts";
import { readChatStream } from "./read-chat-stream.ts";
import { readMessage } from "./read-message.ts";
import { readMessageStream } from "./read-message-stream.ts";
import { readRefusal } from "./read-refusal.ts";
import { readUsage, translateUsage } from "./read-usage.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";
import { parseMessage, tokenCount } from "./schema.ts";

export const ANTHROPIC_BASE_URL = "https://api.anthropic.com/v1";
/** The version of the API that is used here: https://platform.claude.com/docs/en/api/versioning */
const VERSION = "2023-06-01";

const fit = createFitChat(ODDITIES.anthropic);

/**
 * Anthropic's Messages API, and servers that speak it. Chats are translated. Requests in its own form are sent
 * unchanged, with the target's model in them, and their answers are passed on unchanged.
 * `now`, in milliseconds, dates completions, for Anthropic's answers have no date.
 */
export function createAnthropic(now: () => number): ProviderAdapter {
  const chat: HttpTask<"chat"> = {
    kind: "http",
    buildRequest: (input, model, connection) => {
      const build = (each: ChatRequest) => buildMessageRequest(each, model);
      const body = translateFitted(input, fit(input, model), build);
      return body.ok ? ok(post(connection, body.value)) : body;
    },
    parseResponse: (text) => readMessage(text, Math.floor(now() / 1000)),
    readUsage,
    readRefusal,
    readStream: () => readChatStream(now),
    forms: messageForms,
  };
  return { chat, messages, countTokens };
}

const messages: HttpTask<"messages"> = {
  kind: "http",
  buildRequest: (input, model, connection) => ok(post(connection, { ...leaveOutUnsigned(input), model })),
  parseResponse: (text) => {
    const message = parseMessage(text);
    if (!message.ok) return message;
    const { usage } = message.value;
    return ok({ body: text, usage: usage ? translateUsage(usage) : null });
  },
  readUsage,
  readRefusal,
  readStream: readMessageStream,
  forms: messageForms,
};

/** Counting costs nothing. */
const NOTHING_USED = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

const countTokens: HttpTask<"countTokens"> = {
  kind: "http",
  buildRequest: (input, model, connection) => {
    const { url, ...request } = post(connection, { ...input, model });
    return ok({ url: `${url}/count_tokens`, ...request });
  },
  parseResponse: (text) => {
    const count = parseAnswer(tokenCount, text);
    return count.ok ? ok({ body: text, usage: NOTHING_USED }) : count;
  },
  readRefusal,
};

const post = (connection: Connection, body: JsonObject): ProviderRequest => ({
  url: `${connection.baseUrl}/messages`,
  headers: { ...introduce(connection), "content-type": "application/json" },
  body: JSON.stringify(body),
});

/** The headers of every request: the version of the API, and the key where there is one. */
export const introduce = ({ headers, apiKey }: Connection): Record<string, string> => ({
  "anthropic-version": VERSION,
  ...headers,
  ...(apiKey === undefined ? {} : { "x-api-key": apiKey }),
});
