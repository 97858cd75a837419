import { ERRORS, type ErrorCode, type GatewayError } from "../../contract/errors.ts";
import type { JobError } from "../../contract/jobs/job-error.ts";

/** A call's failure as it is stored in a job; only what is public. */
export const toJobError = ({ code, message, param, providerCode }: GatewayError): JobError => ({
  code,
  message: (message ?? ERRORS[code].message).slice(0, 2000),
  ...(param === undefined ? {} : { param }),
  ...(providerCode === undefined ? {} : { provider_code: providerCode }),
});

/** The codes for synchronous callers of those ends that only jobs have. */
const SYNCHRONOUS: Readonly<Record<Exclude<JobError["code"], ErrorCode>, ErrorCode>> = {
  attempts_exhausted: "all_targets_failed",
  outcome_unknown: "upstream_error",
  output_too_large: "upstream_invalid_response",
  rejected: "invalid_request",
};

/** A job's failure as it is answered to a request that waited for it. */
export function fromJobError({ code, message, param, provider_code: providerCode }: JobError): GatewayError {
  const known = Object.hasOwn(ERRORS, code);
  return {
    code: known ? (code as ErrorCode) : SYNCHRONOUS[code as keyof typeof SYNCHRONOUS],
    message,
    ...(param === undefined ? {} : { param }),
    ...(providerCode === undefined ? {} : { providerCode }),
  };
}

const CAP_MS = 20_000;
const BASE_MS = 100;
const THROTTLED_BASE_MS = 500;

/**
 * How long to wait after failed run `run` (1 is the first), in milliseconds: "full jitter", `roll` (in
 * (0, 1]) times min(cap, base * 2^n), as in "Exponential Backoff And Jitter" (AWS, 2015), on top of what
 * the provider's Retry-After asks for, so that callers with the same Retry-After do not all come back together.
 */
export function retryDelayMs(error: GatewayError, run: number, roll: number): number {
  const base = error.code === "rate_limited" ? THROTTLED_BASE_MS : BASE_MS;
  const backoff = Math.min(CAP_MS, base * 2 ** Math.min(run - 1, 30));
  return (error.retryAfterMs ?? 0) + Math.round(roll * backoff);
}
