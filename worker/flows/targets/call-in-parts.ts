import type { RerankRequest } from "../../contract/requests.ts";
import { type AnswerBody, MAX_ANSWER_BYTES } from "../../domain/answers/answer-body.ts";
import { isParted, joinAnswers, type PartAnswer, splitInputs } from "../../domain/answers/join-answers.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { addSpent, type Spent } from "../../domain/money/spent.ts";
import { failure, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { Services } from "../services.ts";
import type { Ask } from "./ask.ts";
import { callTarget } from "./call-target.ts";
import type { Destination } from "./destination.ts";
import { finishAnswer } from "./finish-answer.ts";
import { tryKeys } from "./try-keys.ts";

type Called = Result<AnswerBody, UpstreamFailure>;

const decoder = new TextDecoder();

/**
 * Calls a target; where a request has more inputs than the provider takes in one call, in several calls one
 * after the other, whose answers are joined. The first that fails is the failure of all, which has what the
 * calls before it cost; together they may be as large as one answer.
 */
export async function callInParts(services: Services, to: Destination, ask: Ask): Promise<Called> {
  const { task } = ask;
  const adapter = to.target.adapter[task];
  const max = adapter?.kind === "http" ? adapter.maxInputs : undefined;
  const call = (part: Ask) =>
    tryKeys(services, to, part, {
      call: (keyed, asked) => callTarget(services, keyed, asked),
      mayRepeat: true,
    });
  if (max === undefined || !isParted(task)) return call(ask);
  const bodies = splitInputs(task, ask.body as Parameters<typeof splitInputs>[1], max);
  if (bodies.length === 1) return call(ask);
  const answers: PartAnswer[] = [];
  const spent: Spent[] = [];
  const fail = (failed: UpstreamFailure) => err({ ...failed, spent: addSpent([...spent, failed.spent]) });
  let size = 0;
  for (const body of bodies) {
    const part = await call({ ...ask, body, idempotencyKey: undefined });
    if (!part.ok) return fail(part.error);
    if (part.value.form !== "json") return fail(failure("upstream_invalid_response", "not one JSON answer"));
    const { bytes, settlement } = part.value;
    spent.push(settlement);
    size += bytes.byteLength;
    if (size > MAX_ANSWER_BYTES)
      return fail(failure("upstream_invalid_response", "the answers are too large"));
    answers.push({ text: decoder.decode(bytes), usage: settlement.estimated ? null : settlement.usage });
  }
  const top = (ask.body as RerankRequest).top_n ?? undefined;
  return finishAnswer(ok(joinAnswers(task, answers, { max, top })), { target: to.target, ask });
}
