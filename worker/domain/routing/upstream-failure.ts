import type { ErrorCode, GatewayError } from "../../contract/errors.ts";
import type { AnswerFailure, ToldFailure } from "./adapter.ts";

/** How one attempt failed, and whether another target may do better. */
export interface UpstreamFailure {
  readonly error: GatewayError;
  /** False where the client caused it: another target would fail as well or, worse, answer something else. */
  readonly tryNext: boolean;
  /** What the provider answered, where it did. */
  readonly status?: number;
}

/** The client's own errors, which are passed on with the provider's message. */
const CLIENT_ERRORS: ReadonlyMap<number, ErrorCode> = new Map([
  [400, "invalid_request"],
  [404, "model_not_found"],
  [413, "payload_too_large"],
  [422, "model_input_invalid"],
]);

export const failure = (code: ErrorCode, reason: string): UpstreamFailure => ({
  error: { code, reason },
  tryNext: true,
});

/** A failure that the client's input caused, with the message of the adapter or the provider. */
export function failInput({ reason, message }: AnswerFailure): UpstreamFailure {
  const said = message === undefined ? {} : { message };
  return { tryNext: false, error: { code: "model_input_invalid", reason, ...said } };
}

/** Takes a non-2xx status, the provider's message if it had one, and its Retry-After. */
export function failureOfStatus(
  status: number,
  message: string | undefined,
  retryAfterMs: number | undefined,
): UpstreamFailure {
  const reason = `status ${status}${message === undefined ? "" : `: ${message}`}`;
  const code = CLIENT_ERRORS.get(status);
  if (code) return { tryNext: false, error: { code, reason, ...(message ? { message } : {}) } };
  if (status === 408 || status === 504) return failure("upstream_timeout", reason);
  const waiting = retryAfterMs === undefined ? {} : { retryAfterMs };
  return {
    tryNext: true,
    error: { code: status === 429 ? "rate_limited" : "upstream_error", reason, ...waiting },
  };
}

/** What servers of Anthropic's API answer where they are at their limit. */
const OVERLOADED = 529;

/** A failure that a provider has told of in an answer of status 200, as it would be with a status of its own. */
export function failureOfTold({ status, code, message }: ToldFailure): UpstreamFailure {
  const reason = `${code ?? "failed"}: ${message ?? "unnamed"}`;
  const said = message === undefined ? {} : { message };
  // Clients act upon these: they shorten the conversation, or wait.
  if (code === "context_length_exceeded") return { tryNext: true, status, error: { code, reason, ...said } };
  if (status === OVERLOADED) return { ...failure("overloaded", reason), status };
  const { error, tryNext } = failureOfStatus(status, message, undefined);
  const named = tryNext || code === undefined ? {} : { providerCode: code };
  return { tryNext, status, error: { ...error, ...named, reason } };
}

/** What to tell the client when every target that was tried has failed; a single failure is told as it is. */
export function summariseFailures(failures: readonly UpstreamFailure[]): GatewayError {
  const [only] = failures;
  if (only && failures.length === 1) return only.error;
  const reason = failures.map(({ error }) => error.reason ?? error.code).join("; ");
  const waits = failures.flatMap(({ error }) => error.retryAfterMs ?? []);
  const soonest = waits.length > 0 ? { retryAfterMs: Math.min(...waits) } : {};
  const codes = new Set(failures.map(({ error }) => error.code));
  const shared = codes.size === 1 ? failures[0]?.error.code : undefined;
  if (shared === "model_input_invalid" && only) return only.error;
  return { code: shared === "rate_limited" ? shared : "all_targets_failed", reason, ...soonest };
}
