import type { Upload } from "../../contract/endpoints.ts";
import type { GatewayError } from "../../contract/errors.ts";
import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Route } from "../../domain/routing/catalog.ts";
import { chooseUploadRoute, needsModel, refuseLateModel } from "../../domain/uploads/choose-upload-route.ts";
import type { OpenForm } from "../../streams/multipart-form.ts";
import type { RequestCall } from "../call.ts";
import type { InferenceOutcome } from "../inference/outcome.ts";
import { tellAnswer } from "../inference/tell-answer.ts";
import type { Services } from "../services.ts";
import type { UploadAsk } from "../targets/ask.ts";
import { attemptTarget } from "../targets/attempt-target.ts";
import { followPlan } from "../targets/follow-plan.ts";
import type { FailedPlan, Followed } from "../targets/seeker.ts";
import { planCall } from "../targets/plan-call.ts";

/** One request that uploads a recording, authenticated; its form is still on its way in. */
export interface UploadCall extends RequestCall {
  readonly upload: Upload;
  /** The gateway's own, with the form's boundary: what else the client's said could be read in several ways. */
  readonly contentType: string;
  /**
   * The model named by query or header, which counts before the form's own; undefined where only the form has
   * one.
   */
  readonly model: string | undefined;
  readonly form: OpenForm;
}

/** How much of the form is read to find `model` before the call is made, where it may be made without. */
const PEEK_BYTES = 64 * 1024;
/** The same where only `model` tells the route, for clients that send it last: OpenAI takes 25 MB at most. */
const SPOOL_BYTES = 26 * 1024 * 1024;

/**
 * The straight line of an upload: find the route, in the form's first bytes if need be; pass the form
 * on as it arrives, with the target's model in it; pass the answer back as it comes. One attempt only:
 * a body that has streamed away cannot be sent again. Targets that are not configured are passed over.
 */
export async function forwardUpload(
  services: Services,
  call: UploadCall,
): Promise<Result<InferenceOutcome, GatewayError>> {
  const named = call.model === undefined ? await peekModel(call) : ok(call.model);
  if (!named.ok) return named;
  const route = chooseUploadRoute(call.release.catalog, named.value);
  if (!route.ok) return route;
  const answered = await send(services, call, route.value);
  if (!answered.ok) return answered;
  const { target, attempts, answer: body } = answered.value;
  const outcome: InferenceOutcome = {
    route: route.value.name,
    target: target.label,
    attempts,
    body,
    cache: { kind: "forward", why: "bypass", stored: false, collapsed: false },
  };
  tellAnswer(services, call, call.upload, outcome);
  return ok(outcome);
}

/** Reads on for the form's own `model`: past the recording where there are several routes to choose from. */
const peekModel = ({ form, release }: UploadCall): ReturnType<OpenForm["peekModel"]> =>
  form.peekModel(needsModel(release.catalog) ? SPOOL_BYTES : PEEK_BYTES);

/** Makes the call. A fault in the form aborts it, and is what the client is told. */
async function send(
  services: Services,
  call: UploadCall,
  route: Route,
): Promise<Result<Followed<AnswerBody>, FailedPlan>> {
  const work = new AbortController();
  let fault: GatewayError | undefined;
  const onFault = (error: GatewayError) => {
    fault ??= error;
    work.abort();
  };
  const check = (named: string) =>
    call.model === undefined ? refuseLateModel(call.release.catalog, route, named) : undefined;
  const ask: UploadAsk = {
    ...call,
    signal: AbortSignal.any([call.signal, work.signal]),
    openBody: (model) => (onProgress) => call.form.stream({ model, check, onFault, onProgress }),
  };
  const asked = { ...call, route, task: "transcriptions", streamed: false } as const;
  const { targets, skipped } = planCall(services, asked, { keeps: false });
  const startedAt = services.now();
  const [end] = await followPlan({
    plan: { targets: targets.slice(0, 1), skipped },
    members: [call],
    attempt: async (target) => [await attemptTarget(services, { route, target }, ask)],
    signal: call.signal,
    now: services.now,
  });
  call.time("upstream", services.now() - startedAt);
  if (!fault) return end ?? err({ code: "internal_error" });
  if (end?.ok) await discard(end.value.answer);
  return err(fault);
}

/** Leaves an answer that came before the form was found to be wrong. */
async function discard(answer: AnswerBody): Promise<void> {
  if (answer.form === "raw") await answer.stream.cancel();
}
