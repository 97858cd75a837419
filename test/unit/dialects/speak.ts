import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import type { TaskRequests } from "../../../worker/contract/requests.ts";
import type { Connection, HttpTask, ProviderAdapter } from "../../../worker/domain/routing/adapter.ts";
import { groupEvents } from "../../../worker/domain/answers/group-events.ts";
import { parseRequest } from "../../../worker/domain/requests/parse-request.ts";
import { cutEvents } from "../../../worker/domain/answers/server-sent-events.ts";
import type { UnavailableTools } from "../../../worker/dialects/dialect.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { withDialects } from "../../../worker/providers/with-dialects.ts";
import { valueOf } from "../unwrap-result.ts";

export type DialectTask = "responses" | "messages";

const connection: Connection = { baseUrl: "http://127.0.0.1/v1", apiKey: undefined, headers: {} };

/** The dialect's task of an adapter, by default of a server that speaks OpenAI's chat and no more. */
export function taskOf<T extends DialectTask>(
  dialect: T,
  adapter: ProviderAdapter = createOpenai({}),
): HttpTask<T> {
  const task = withDialects(adapter)[dialect];
  if (task?.kind !== "http") throw new Error(`no ${dialect} by HTTP`);
  return task as HttpTask<T>;
}

/** What a request becomes on its way to the target `m`. */
export const chatFor = (
  dialect: DialectTask,
  body: unknown,
  unavailableTools: UnavailableTools = "leave_out",
) =>
  taskOf(dialect).buildRequest(valueOf(parseRequest(dialect, body)), "m", {
    ...connection,
    unavailableTools,
  });

export const MINIMAL: Pick<TaskRequests, DialectTask> = {
  responses: { model: "chat", input: "x" },
  messages: { model: "chat", max_tokens: 100, messages: [{ role: "user", content: "x" }] },
};

/** The whole answer that a dialect makes of a completion. */
export const wholeOf = <T extends DialectTask>(
  dialect: T,
  completion: unknown,
  input: TaskRequests[T] = MINIMAL[dialect] as TaskRequests[T],
) => taskOf(dialect).parseResponse(JSON.stringify(completion), input);

/** The stream that a dialect makes of a chat's stream, and how the relay sees it end. */
export function streamOf(
  dialect: DialectTask,
  chat: string,
  adapter?: ProviderAdapter,
  input: TaskRequests[DialectTask] = MINIMAL[dialect],
) {
  const read = taskOf<DialectTask>(dialect, adapter).readStream?.(input);
  if (!read) throw new Error(`${dialect} does not stream`);
  const { pieces, usage, end } = groupEvents(cutEvents(chat).events, read, true);
  const hidden = pieces.some(({ usageOnly }) => usageOnly);
  return { text: pieces.map(({ bytes }) => new TextDecoder().decode(bytes)).join(""), usage, end, hidden };
}

/** A chat's stream of these chunks. */
export const writeStream = (chunks: readonly unknown[]): string =>
  [...chunks.map((chunk) => JSON.stringify(chunk)), "[DONE]"].map((data) => `data: ${data}\n\n`).join("");

/** The response that OpenAI's own client puts together from a stream. */
export function readByOpenai(stream: string) {
  const client = new OpenAI({ apiKey: "k", maxRetries: 0, fetch: () => Promise.resolve(reply(stream)) });
  return client.responses.stream({ model: "chat", input: "x" }).finalResponse();
}

/** The message that Anthropic's own client puts together from a stream. */
export function readByAnthropic(stream: string) {
  const client = new Anthropic({ apiKey: "k", maxRetries: 0, fetch: () => Promise.resolve(reply(stream)) });
  const messages = [{ role: "user" as const, content: "x" }];
  return client.messages.stream({ model: "chat", max_tokens: 100, messages }).finalMessage();
}

const reply = (stream: string) =>
  new Response(stream, { headers: { "content-type": "text/event-stream; charset=utf-8" } });

/** The data of a stream's events, parsed. */
export const eventsOf = (stream: string): Record<string, unknown>[] =>
  cutEvents(stream).events.map(
    (event) => JSON.parse(event.slice(event.indexOf("data: ") + 6)) as Record<string, unknown>,
  );
