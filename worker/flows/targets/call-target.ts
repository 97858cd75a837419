import type { Task } from "../../contract/requests.ts";
import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import { err, type Result } from "../../domain/result.ts";
import type { HttpTask, TaskAdapter } from "../../domain/routing/adapter.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import { failInput, failure, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { ProviderReply } from "../../platform/call-provider.ts";
import type { Services } from "../services.ts";
import type { Ask } from "./ask.ts";
import type { Destination } from "./destination.ts";
import { finishAnswer, finishBytes } from "./finish-answer.ts";
import { openEvents } from "./open-events.ts";
import { sendRequest } from "./send-request.ts";

type Called = Result<AnswerBody, UpstreamFailure>;

/** Computes a local model's answer, or calls the provider and reads what it says. */
export async function callTarget(services: Services, to: Destination, ask: Ask): Promise<Called> {
  const { target } = to;
  const adapter: TaskAdapter<Task> | undefined = target.adapter[ask.task];
  if (!adapter) return err(failure("not_configured", `${target.label} does not offer ${ask.task}`));
  if (adapter.kind === "local") return finishAnswer(adapter.answer(ask.body, target.model), { target, ask });
  const built = adapter.buildRequest(ask.body, target.model, target.connection);
  if (!built.ok) return err({ ...failInput(built.error), tryNext: true });
  const reply = await sendRequest(services, to, ask, {
    request: built.value,
    form: adapter.raw ? "raw" : ask.streamed ? "events" : "json",
    readRefusal: adapter.readRefusal,
  });
  return reply.ok ? readReply(reply.value, adapter, { target, ask }) : reply;
}

interface Asked {
  readonly target: Target;
  readonly ask: Ask;
}

function readReply(reply: ProviderReply, adapter: HttpTask<Task>, asked: Asked): Called | Promise<Called> {
  const { body } = asked.ask;
  if (reply.form === "json") return finishAnswer(adapter.parseResponse(reply.text, body), asked, reply);
  if (reply.form === "raw") return finishBytes(reply, asked.target, body);
  return openEvents(reply.stream, adapter.readStream?.(body), asked);
}
