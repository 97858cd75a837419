/**
 * The one table of errors. Every failure that reaches a client names a row of it; the row decides
 * the HTTP status, OpenAI's `type`, whether a repeat can help, and the words used where the failure
 * has none of its own.
 */
interface ErrorRow {
  readonly status: number;
  readonly type:
    | "invalid_request_error"
    | "authentication_error"
    | "permission_error"
    | "rate_limit_error"
    | "api_error";
  readonly retryable: boolean;
  readonly message: string;
}

const invalid = (status: number, message: string): ErrorRow => ({
  status,
  type: "invalid_request_error",
  retryable: false,
  message,
});
const failed = (status: number, retryable: boolean, message: string): ErrorRow => ({
  status,
  type: "api_error",
  retryable,
  message,
});

export const ERRORS = {
  invalid_request: invalid(400, "The request is not valid."),
  invalid_json: invalid(400, "The body is not valid JSON."),
  unsafe_number: invalid(400, "The body holds a number that JSON readers cannot keep exactly."),
  idempotency_key_invalid: invalid(
    400,
    "Idempotency-Key: expected 1 to 255 printable ASCII characters, bare or as a quoted string.",
  ),
  context_length_exceeded: invalid(400, "The input is longer than the model takes; shorten it."),
  unauthenticated: {
    status: 401,
    type: "authentication_error",
    retryable: false,
    message: "Send a valid API key as 'Authorization: Bearer <key>'.",
  },
  origin_denied: {
    status: 403,
    type: "permission_error",
    retryable: false,
    message: "This origin may not call the gateway; the deployment lists those that may.",
  },
  scope_denied: {
    status: 403,
    type: "permission_error",
    retryable: false,
    message: "This key may not do that; use one that may.",
  },
  not_found: invalid(404, "There is nothing at this path."),
  model_not_found: invalid(404, "There is no such model; GET /v1/models lists them."),
  method_not_allowed: invalid(405, "This path does not take that method; see the Allow header."),
  job_not_terminal: invalid(409, "The job has not ended yet."),
  job_canceled: invalid(409, "The job behind this key was canceled; use another key to ask again."),
  request_timeout: {
    status: 408,
    type: "invalid_request_error",
    retryable: true,
    message: "The body did not arrive: nothing came for too long.",
  },
  payload_too_large: invalid(413, "The body is larger than the gateway takes."),
  unsupported_media_type: invalid(415, "Send the body as 'Content-Type: application/json'."),
  idempotency_key_reused: invalid(422, "This Idempotency-Key was used with another request."),
  model_input_invalid: invalid(422, "The model cannot take this input."),
  rate_limited: {
    status: 429,
    type: "rate_limit_error",
    retryable: true,
    message: "The provider is limiting requests; try again later.",
  },
  client_closed: failed(499, false, "The client left before the answer."),
  internal_error: failed(500, true, "The gateway failed; the request id finds it in the logs."),
  upstream_error: failed(502, true, "The provider failed."),
  upstream_invalid_response: failed(502, true, "The provider's answer could not be read."),
  all_targets_failed: failed(502, true, "Every target of this route failed."),
  overloaded: failed(503, true, "The gateway or the provider is at its limit; try again later."),
  not_configured: failed(503, false, "No provider of this route is configured."),
  upstream_timeout: failed(504, true, "The provider did not answer in time."),
  deadline_exceeded: failed(504, true, "The request's own deadline passed."),
  only_if_cached: failed(504, false, "Nothing fresh is cached, and the request asked for no more."),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** An expected failure, as a value. `reason` and `quote` are for the logs and never reach the wire. */
export interface GatewayError {
  readonly code: ErrorCode;
  /** Public words; the table's where absent. */
  readonly message?: string;
  /** The request field at fault, as a dotted path. */
  readonly param?: string;
  /** The provider's own code for what the client caused; the client gets it in place of the table's. */
  readonly providerCode?: string;
  readonly retryAfterMs?: number;
  /** The codings of a body that are read, where it has another one. */
  readonly acceptEncoding?: string;
  /** False where no repeat can help, whatever the table says of the code. */
  readonly retryable?: false;
  /** The gateway's own limit, which says nothing of the provider. */
  readonly own?: true;
  /** No target was called: each was known to fail, and the work can wait. */
  readonly uncalled?: true;
  /** How many calls were made; the client need not repeat what the gateway has repeated. */
  readonly attempts?: number;
  /** What went wrong, in the gateway's own words: nothing of a prompt is in it. */
  readonly reason?: string;
  /** What the provider said, which may quote the prompt: logged only where the route allows it. */
  readonly quote?: string;
}

/** The body of every error response (OpenAI's shape, with three fields more). */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: ErrorRow["type"];
    /** Of the table, or the provider's own. */
    readonly code: ErrorCode | (string & Record<never, never>);
    readonly param: string | null;
    readonly request_id: string;
    readonly retryable: boolean;
  };
}

/** Builds the wire form of a failure; nothing of `reason` or `quote` goes into it. */
export function buildErrorBody(error: GatewayError, requestId: string): ErrorBody {
  const row = ERRORS[error.code];
  return {
    error: {
      message: error.message ?? row.message,
      type: row.type,
      code: error.providerCode ?? error.code,
      param: error.param ?? null,
      request_id: requestId,
      retryable: isRetryable(error),
    },
  };
}

/** Whether a repeat of the same request may succeed. */
export const isRetryable = ({ code, retryable }: GatewayError): boolean =>
  retryable ?? ERRORS[code].retryable;
