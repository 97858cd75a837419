import type { ErrorCode } from "../worker/contract/errors.ts";
import type { JobError } from "../worker/contract/jobs/job-error.ts";

/** What the client itself reports; every other code is the server's. */
export type ClientErrorCode =
  | "connection_error"
  | "timeout"
  | "aborted"
  | "stream_broken"
  | "invalid_response"
  | "token_failed"
  | "webhook_invalid";

/** The gateway's codes and the client's are completed by editors; another server's are any string. */
export type HeadraceErrorCode =
  | ErrorCode
  | JobError["code"]
  | ClientErrorCode
  | (string & Record<never, never>);

export interface HeadraceErrorFields {
  readonly code: HeadraceErrorCode;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryable?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly param?: string | undefined;
  readonly job?: string | undefined;
  readonly cause?: unknown;
}

const brand = Symbol.for("headrace.error");

/**
 * The one error a call rejects with, whatever failed. Only misuse (an option that is not valid, a
 * stream read twice) is a `TypeError` instead. It never holds the key or token of the client.
 */
export class HeadraceError extends Error {
  override readonly name = "HeadraceError";
  readonly code: HeadraceErrorCode;
  /** The HTTP status; undefined where no response came, or where it failed after a good start. */
  readonly status: number | undefined;
  /** The id of this request in the gateway's logs. */
  readonly requestId: string | undefined;
  /** Whether the same call can succeed later. */
  readonly retryable: boolean;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The request field at fault, as a dotted path. */
  readonly param: string | undefined;
  /** The id of the job that the call was about, once it was known. */
  readonly job: string | undefined;

  constructor(message: string, { cause, ...fields }: HeadraceErrorFields) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, fields);
    this.code = fields.code;
    this.retryable = fields.retryable ?? false;
  }

  /** @internal */
  get [brand](): true {
    return true;
  }

  /** Knows the errors of every copy of the SDK: each entry of the package has its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isHeadraceError(value);
  }
}

/** Whether `value` is a HeadraceError, of this copy of the SDK or another, of this realm or another. */
export function isHeadraceError(value: unknown): value is HeadraceError {
  return (value as { readonly [brand]?: unknown } | null | undefined)?.[brand] === true;
}

/** Puts the job's id on a HeadraceError, where there is one; gives every other value back as it is. */
export function nameJob(error: unknown, job: string | undefined): unknown {
  return job !== undefined && error instanceof HeadraceError ? Object.assign(error, { job }) : error;
}
