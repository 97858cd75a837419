import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import { err, type Result } from "../../domain/result.ts";
import { failure, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { Services } from "../services.ts";
import type { UploadAsk } from "./ask.ts";
import type { Destination } from "./destination.ts";
import { finishBytes } from "./finish-answer.ts";
import { sendRequest } from "./send-request.ts";
import { tryKeys } from "./try-keys.ts";

type Called = Result<AnswerBody, UpstreamFailure>;

/** Passes a client's form on as it arrives, with the target's model in it: once, with one key. */
export const forwardForm = (services: Services, to: Destination, ask: UploadAsk): Promise<Called> =>
  tryKeys(services, to, ask, { call: (keyed, asked) => forward(services, keyed, asked), mayRepeat: false });

async function forward(services: Services, to: Destination, ask: UploadAsk): Promise<Called> {
  const { target } = to;
  const task = target.adapter.transcriptions;
  if (!task) return err(failure("not_configured", `${target.label} does not offer ${ask.upload}`));
  const { url, headers } = task.buildRequest(target.connection, ask.upload);
  const reply = await sendRequest(services, to, ask, {
    request: {
      url,
      headers: { ...headers, "content-type": ask.contentType },
      body: ask.openBody(target.model),
    },
    form: "raw",
    readRefusal: undefined,
  });
  if (!reply.ok) return reply;
  if (reply.value.form !== "raw") return err(failure("internal_error", "an upload is passed on unread"));
  return finishBytes(reply.value, target, undefined);
}
