import { ERRORS, type ErrorCode, type GatewayError, isRetryable } from "../../contract/errors.ts";
import type { JobError } from "../../contract/jobs/job-error.ts";
import type { FailedRun } from "./job-protocol.ts";
import { boundDelayMs, type FailedTry, retryDelayMs } from "./retry-delay.ts";

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

/** How a run that ended with this error is reported. A run that made no call is put back for as long as it was told. */
export function describeFailure(error: GatewayError, of: Omit<FailedTry, "retryAfterMs">): DescribedFailure {
  const { retryAfterMs = 0, uncalled: postponed } = error;
  return {
    error: toJobError(error),
    retryable: isRetryable(error),
    retryAfterMs:
      postponed === true ? boundDelayMs(retryAfterMs, of.leftMs) : retryDelayMs({ ...of, retryAfterMs }),
    postponed,
  };
}

export type DescribedFailure = Pick<FailedRun, "error" | "retryable" | "retryAfterMs" | "postponed">;
