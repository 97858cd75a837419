import type { TaskRequests } from "../contract/requests.ts";
import type { EventReader, HttpTask, LocalTask, ProviderAdapter } from "../domain/routing/adapter.ts";
import { estimateInputTokens } from "../domain/money/estimate-usage.ts";
import { err, ok } from "../domain/result.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { messages } from "../dialects/messages/dialect.ts";
import { readTurn } from "../dialects/read-turn.ts";
import { responses } from "../dialects/responses/dialect.ts";
import { translateStream } from "../dialects/translate-stream.ts";

/**
 * An adapter with the dialects that it lacks, made from its chat. Those that it has itself are kept, and are
 * translated only for what they do not take.
 */
export function withDialects(adapter: ProviderAdapter): ProviderAdapter {
  const { chat, responses: native, countTokens: count } = adapter;
  if (chat?.kind !== "http") return adapter;
  const translated = speak(chat, responses);
  return {
    ...adapter,
    responses:
      native?.kind === "http" && native.takes ? { ...native, instead: translated } : (native ?? translated),
    messages: adapter.messages ?? speak(chat, messages),
    countTokens: count?.kind === "http" ? { ...count, whereMissing: estimate } : (count ?? estimate),
  };
}

/** What Anthropic counts itself, other servers have no endpoint for, those of its own API among them. */
const estimate: LocalTask<"countTokens"> = {
  kind: "local",
  answer: (input) =>
    ok({
      body: JSON.stringify({ input_tokens: estimateInputTokens(input), estimated: true }),
      usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    }),
};

type DialectTask = "responses" | "messages";

function speak<T extends DialectTask>(chat: HttpTask<"chat">, dialect: Dialect<T>): HttpTask<T> {
  return {
    kind: "http",
    buildRequest(input, model, connection) {
      const asked = dialect.toChat(input, connection.unavailableTools ?? "leave_out");
      return asked.ok ? chat.buildRequest(asked.value, model, connection) : asked;
    },
    parseResponse(text, input) {
      const asked = dialect.toChat(input, ALREADY_SENT);
      if (!asked.ok) return asked;
      const answer = chat.parseResponse(text, asked.value);
      if (!answer.ok) return answer;
      const { usage, body } = answer.value;
      const turn = readTurn(body, input.model, usage);
      if (!turn) return err({ kind: "invalid_response", reason: "the completion holds no message" });
      const written = dialect.writeAnswer(turn, input);
      return written.ok ? ok({ body: written.value, usage }) : written;
    },
    ...(chat.readRefusal && { readRefusal: (status, text) => chat.readRefusal?.(status, text) ?? {} }),
    ...(chat.readUsage && { readUsage: (text) => chat.readUsage?.(text) ?? null }),
    ...(chat.forms && { forms: chat.forms }),
    ...(chat.readStream && { readStream: (input) => openStream(chat, dialect, input) }),
  };
}

/** Nothing in a request is refused any more that has been sent. */
const ALREADY_SENT = "leave_out";

function openStream<T extends DialectTask>(
  chat: HttpTask<"chat">,
  dialect: Dialect<T>,
  input: TaskRequests[T],
): EventReader {
  const asked = dialect.toChat(input, ALREADY_SENT);
  const read = asked.ok ? chat.readStream?.(asked.value) : undefined;
  if (!read) return () => ({ kind: "error", reason: "a request that was never sent" });
  return translateStream(read, dialect.openStream(input), input.model);
}
