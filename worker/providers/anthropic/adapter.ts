import type { Connection, HttpTask, ProviderAdapter, ProviderRequest } from "../../domain/routing/adapter.ts";
import { ok } from "../../domain/result.ts";
import { buildMessageRequest } from "./build-request.ts";
import type { JsonObject } from "../../domain/requests/json-object.ts";
import { messageForms } from "./message-forms.ts";
import { readChatStream } from "./read-chat-stream.ts";
import { readMessage } from "./read-message.ts";
import { readMessageStream } from "./read-message-stream.ts";
import { readRefusal } from "./read-refusal.ts";
import { translateUsage } from "./read-usage.ts";
import { parseMessage } from "./schema.ts";

export const ANTHROPIC_BASE_URL = "https://api.anthropic.com/v1";
/** The version of the API that is used here: https://platform.claude.com/docs/en/api/versioning */
const VERSION = "2023-06-01";

/**
 * Anthropic's Messages API, and servers that speak it. Chats are translated. Requests in its own form are sent
 * unchanged, with the target's model in them, and their answers are passed on unchanged.
 * `now`, in milliseconds, dates completions, for Anthropic's answers have no date.
 */
export function createAnthropic(now: () => number): ProviderAdapter {
  const chat: HttpTask<"chat"> = {
    kind: "http",
    buildRequest: (input, model, connection) => {
      const body = buildMessageRequest(input, model);
      return body.ok ? ok(post(connection, body.value)) : body;
    },
    parseResponse: (text) => readMessage(text, Math.floor(now() / 1000)),
    readRefusal,
    readStream: () => readChatStream(now),
    forms: messageForms,
  };
  return { chat, messages };
}

const messages: HttpTask<"messages"> = {
  kind: "http",
  buildRequest: (input, model, connection) => ok(post(connection, { ...input, model })),
  parseResponse: (text) => {
    const message = parseMessage(text);
    if (!message.ok) return message;
    const { usage } = message.value;
    return ok({ body: text, usage: usage ? translateUsage(usage) : null });
  },
  readRefusal,
  readStream: readMessageStream,
  forms: messageForms,
};

function post(connection: Connection, body: JsonObject): ProviderRequest {
  const key = connection.apiKey === undefined ? {} : { "x-api-key": connection.apiKey };
  return {
    url: `${connection.baseUrl}/messages`,
    headers: {
      "anthropic-version": VERSION,
      ...connection.headers,
      ...key,
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  };
}
