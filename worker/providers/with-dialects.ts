import type { TaskRequests } from "../contract/requests.ts";
import type { EventReader, HttpTask, ProviderAdapter } from "../domain/routing/adapter.ts";
import { err, ok } from "../domain/result.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { messages } from "../dialects/messages/dialect.ts";
import { readTurn } from "../dialects/read-turn.ts";
import { responses } from "../dialects/responses/dialect.ts";
import { translateStream } from "../dialects/translate-stream.ts";

/** An adapter with the dialects that it lacks, made from its chat; those that it has itself are kept. */
export function withDialects(adapter: ProviderAdapter): ProviderAdapter {
  const { chat } = adapter;
  if (chat?.kind !== "http") return adapter;
  return { responses: speak(chat, responses), messages: speak(chat, messages), ...adapter };
}

type DialectTask = "responses" | "messages";

function speak<T extends DialectTask>(chat: HttpTask<"chat">, dialect: Dialect<T>): HttpTask<T> {
  return {
    kind: "http",
    buildRequest(input, model, connection) {
      const asked = dialect.toChat(input);
      return asked.ok ? chat.buildRequest(asked.value, model, connection) : asked;
    },
    parseResponse(text, input) {
      const asked = dialect.toChat(input);
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
    ...(chat.forms && { forms: chat.forms }),
    ...(chat.readStream && { readStream: (input) => openStream(chat, dialect, input) }),
  };
}

function openStream<T extends DialectTask>(
  chat: HttpTask<"chat">,
  dialect: Dialect<T>,
  input: TaskRequests[T],
): EventReader {
  const asked = dialect.toChat(input);
  const read = asked.ok ? chat.readStream?.(asked.value) : undefined;
  if (!read) return () => ({ kind: "error", reason: "a request that was never sent" });
  return translateStream(read, dialect.openStream(input), input.model);
}
