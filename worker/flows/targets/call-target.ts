import type { Task } from "../../contract/requests.ts";
import type { Answer, AnswerFailure, EventReader, TaskAdapter } from "../../domain/routing/adapter.ts";
import { type AnswerBody, resume } from "../../domain/answers/answer-body.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { failure, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { OpenStream } from "../../platform/call-provider.ts";
import { relayEvents } from "../../streams/relay-events.ts";
import type { InferenceCall } from "../call.ts";
import type { Services } from "../services.ts";

type Attempt = Result<AnswerBody, UpstreamFailure>;

/** One attempt: computes a local model's answer, or calls the provider and reads what it says. */
export async function callTarget(
  services: Services,
  target: Target,
  timeoutMs: number,
  call: InferenceCall,
): Promise<Attempt> {
  const adapter: TaskAdapter<Task> | undefined = target.adapter[call.task];
  if (!adapter) return err(failure("not_configured", `${target.label} does not offer ${call.task}`));
  if (adapter.kind === "local") return finishAnswer(adapter.answer(call.body, target.model));
  const built = adapter.buildRequest(call.body, target.model, target.connection);
  if (!built.ok) return err({ ...failInput(built.error), tryNext: true });
  const request = built.value;
  const trace = call.traceparent === undefined ? {} : { traceparent: call.traceparent };
  const reply = await services.callProvider({
    request: { ...request, headers: { ...request.headers, ...trace } },
    limits: { quietMs: timeoutMs, deadlineAt: call.deadlineAt },
    signal: call.signal,
    form: adapter.raw ? "raw" : call.streamed ? "events" : "json",
    readRefusal: adapter.readRefusal,
    secrets: target.connection.apiKey === undefined ? [] : [target.connection.apiKey],
  });
  if (!reply.ok) return reply;
  if (reply.value.form === "raw") return ok(reply.value);
  if (reply.value.form === "json") return finishAnswer(adapter.parseResponse(reply.value.text, call.body));
  return openAnswer(adapter.readStream?.(call.body), reply.value.stream);
}

const encoder = new TextEncoder();

function finishAnswer(answer: Result<Answer, AnswerFailure>): Attempt {
  if (answer.ok) {
    const { body, usage } = answer.value;
    return ok({ form: "json", bytes: encoder.encode(body), usage });
  }
  const { kind, reason } = answer.error;
  return err(
    kind === "invalid_response" ? failure("upstream_invalid_response", reason) : failInput(answer.error),
  );
}

function failInput({ reason, message }: AnswerFailure): UpstreamFailure {
  const said = message === undefined ? {} : { message };
  return { tryNext: false, error: { code: "model_input_invalid", reason, ...said } };
}

/** Waits for the first event, so that a stream that fails before it can still go to another target. */
async function openAnswer(read: EventReader | undefined, stream: OpenStream): Promise<Attempt> {
  if (!read) {
    stream.abort();
    return err(failure("upstream_invalid_response", "this task does not stream"));
  }
  const pieces = relayEvents(stream, read);
  const first = await pieces.next();
  if (!first.done) return ok({ form: "events", pieces: resume(first, pieces) });
  const error = first.value.ok ? { code: "upstream_invalid_response" as const } : first.value.error;
  return err({ error, tryNext: error.code !== "client_closed" });
}
