import type { Task } from "../../contract/requests.ts";
import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import { err, type Result } from "../../domain/result.ts";
import type { HttpTask } from "../../domain/routing/adapter.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import { failure, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { ProviderReply } from "../../platform/call-provider.ts";
import { peekBytes } from "../../streams/peek-bytes.ts";
import type { Ask } from "./ask.ts";
import { finishBytes } from "./finish-answer.ts";

/** JSON with a picture in it is longer, and goes on unread; what lacks one, or has only its URL, is not. */
const SHORT_BYTES = 4096;

const decoder = new TextDecoder();

/**
 * Passes an answer's bytes on. JSON that ends at once is looked at first, for an empty answer can still be got from
 * another target.
 */
export async function openBytes(
  reply: Extract<ProviderReply, { form: "raw" }>,
  adapter: HttpTask<Task>,
  { target, ask }: { readonly target: Target; readonly ask: Ask },
): Promise<Result<AnswerBody, UpstreamFailure>> {
  if (!adapter.rawJson || !reply.contentType.includes("json")) return finishBytes(reply, target, ask.body);
  const peeked = await peekBytes(reply.stream, SHORT_BYTES);
  if (!peeked) {
    const end = await reply.ended;
    const error = end?.ok === false ? end.error : { code: "upstream_error" as const };
    return err({ error, tryNext: error.code !== "client_closed" });
  }
  const answer = peeked.whole && adapter.parseResponse(decoder.decode(peeked.whole), ask.body);
  if (answer?.ok === false) return err(failure("upstream_invalid_response", answer.error.reason));
  return finishBytes({ ...reply, stream: peeked.stream }, target, ask.body);
}
