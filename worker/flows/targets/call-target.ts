import type { Task } from "../../contract/requests.ts";
import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import { err, type Result } from "../../domain/result.ts";
import type { HttpTask, TaskAdapter } from "../../domain/routing/adapter.ts";
import { failInput, failure, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { ProviderReply } from "../../platform/call-provider.ts";
import type { ReadText } from "../../streams/read-bounded.ts";
import type { Services } from "../services.ts";
import type { Ask } from "./ask.ts";
import type { Destination } from "./destination.ts";
import { finishAnswer } from "./finish-answer.ts";
import { openBytes } from "./open-bytes.ts";
import { openEvents } from "./open-events.ts";
import { readWhole } from "./read-whole.ts";
import { sendStreamable } from "./send-streamable.ts";
import { splitAnswer } from "./split-answer.ts";

type Called = Result<AnswerBody, UpstreamFailure>;

/** Computes a local model's answer, or calls the provider and reads what it says. */
export async function callTarget(services: Services, to: Destination, ask: Ask): Promise<Called> {
  const { target } = to;
  const offered: TaskAdapter<Task> | undefined = target.adapter[ask.task];
  if (!offered) return err(failure("not_configured", `${target.label} does not offer ${ask.task}`));
  const adapter = chooseForm(offered, ask);
  if (adapter.kind === "local") return finishAnswer(adapter.answer(ask.body, target.model), { target, ask });
  const built = adapter.buildRequest(withTier(ask.body, target), target.model, target.connection);
  if (!built.ok) return err({ ...failInput(built.error), tryNext: true });
  const reply = await sendStreamable(services, to, ask, {
    request: built.value,
    form: adapter.raw ? "raw" : ask.streamed ? "events" : "json",
    readRefusal: adapter.readRefusal,
  });
  const called = reply.ok ? await readReply(reply.value, adapter, { services, to, ask }) : reply;
  const { whereMissing } = adapter;
  if (called.ok || !whereMissing || !isMissing(called.error)) return called;
  return finishAnswer(whereMissing.answer(ask.body, target.model), { target, ask });
}

/** The config's tier counts, for its price is that one's. */
const withTier = (body: Ask["body"], { serviceTier }: Destination["target"]): Ask["body"] =>
  serviceTier === undefined ? body : { ...body, service_tier: serviceTier };

function chooseForm(adapter: TaskAdapter<Task>, { body }: Ask): TaskAdapter<Task> {
  if (adapter.kind === "local" || !adapter.instead) return adapter;
  return adapter.takes?.(body) === false ? adapter.instead : adapter;
}

/** Whether there is nothing at the address that was asked, which LM Studio says with status 200. */
const isMissing = ({ status, cause, error }: UpstreamFailure): boolean =>
  cause === "path" || status === 405 || status === 501 || error.code === "upstream_invalid_response";

interface Asked {
  readonly services: Services;
  readonly to: Destination;
  readonly ask: Ask;
}

function readReply(
  reply: ProviderReply,
  adapter: HttpTask<Task>,
  { services, to, ask }: Asked,
): Called | Promise<Called> {
  const { target } = to;
  if (reply.form === "raw") return openBytes(reply, adapter, { target, ask });
  const readText = (came: ReadText): Called => {
    const answer = readWhole(adapter, came.text, ask.body);
    if (answer.ok && ask.streamed) return splitAnswer(adapter, came.text, { target, ask });
    return finishAnswer(answer, { target, ask }, came);
  };
  if (reply.form === "json") return readText(reply);
  const read = adapter.readStream?.(ask.body);
  return openEvents(services, reply.stream, read, {
    to,
    ask,
    readWhole: (text) => readText({ text, bytes: undefined }),
  });
}
