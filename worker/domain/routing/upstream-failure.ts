import type { ErrorCode, GatewayError } from "../../contract/errors.ts";
import type { AttemptReport } from "../../contract/jobs/run-report.ts";
import type { Spent } from "../money/spent.ts";
import type { AnswerFailure, ToldFailure } from "./adapter.ts";
import { isOverload, judgeRefusal, type RefusalCause } from "./judge-refusal.ts";
import type { RefusalWords } from "./refusal-words.ts";

/** How one attempt failed, and whether another target may do better. */
export interface UpstreamFailure {
  readonly error: GatewayError;
  /** False where the client caused it: another target would fail as well or, worse, answer something else. */
  readonly tryNext: boolean;
  /** What the provider answered, where it did. */
  readonly status?: number;
  /** Whose fault the refusal was, where its status alone did not tell. */
  readonly cause?: RefusalCause;
  /** Whether it broke off after the answer had begun: what the provider did until then it may have billed. */
  readonly hasBegun?: boolean;
  /** What was used before it failed, where that is known. */
  readonly spent?: Spent | undefined;
  /** Calls of the same attempt before this one. */
  readonly rotated?: readonly RotatedTry[];
}

/** A call whose key was refused or at its limit, and that was made again with another key. */
export type RotatedTry = Omit<AttemptReport, "target">;

/** A provider's answer that is not 2xx. */
export interface Refused {
  readonly status: number;
  readonly words?: RefusalWords;
  readonly retryAfterMs?: number | undefined;
  /** Who has named the model: the route's own is the deployment's fault where the provider does not have it. */
  readonly modelFrom?: "route" | "client";
}

/** The client's own errors, which are passed on with the provider's message, code and param. */
const CLIENT_ERRORS: ReadonlyMap<number, ErrorCode> = new Map([
  [400, "invalid_request"],
  [413, "payload_too_large"],
  [422, "model_input_invalid"],
]);

/** Groq's names for what the model wrote and nobody could read, which another answer may mend. */
const MODELS_OWN: ReadonlySet<unknown> = new Set(["tool_use_failed", "json_validate_failed"]);
/** Some servers say so with a status of the client's errors. */
const RATE_LIMIT = "rate_limit_exceeded";

/** For the log: what the operator may have to correct. */
const HINTS: Readonly<Partial<Record<RefusalCause, string>>> = {
  account: "; see to the provider's account or key",
  model: "; the provider has no such model: correct the target's",
  path: "; nothing is at this address: is the base URL right, with its version, as in https://…/v1?",
};

export const failure = (code: ErrorCode, reason: string): UpstreamFailure => ({
  error: { code, reason },
  tryNext: true,
});

/** A failure that the client's input caused, with the message of the adapter or the provider. */
export function failInput({ reason, message }: AnswerFailure): UpstreamFailure {
  const said = message === undefined ? {} : { message };
  return { tryNext: false, error: { code: "model_input_invalid", reason, ...said } };
}

/**
 * Judges a refusal. Another target is tried after all but what the client's own input caused; for a
 * conversation that is too long, too, for another model may have room for it. The client is told of its own
 * faults only, in the provider's words.
 */
export function failureOfRefusal(refused: Refused): UpstreamFailure {
  const cause = judgeRefusal(refused.status, refused.words ?? {});
  return cause ? { ...failureOf(cause, refused), cause } : failureOfStatus(refused);
}

/** A refusal whose cause the provider's words tell. */
function failureOf(cause: RefusalCause, { status, words = {}, modelFrom }: Refused): UpstreamFailure {
  const { reason, ...quoted } = tellLog(status, words);
  const told = { reason: reason + (HINTS[cause] ?? ""), ...quoted };
  const said = tellClient(words);
  if (cause === "length")
    return { tryNext: true, error: { code: "context_length_exceeded", ...told, ...said } };
  if (cause === "model" && modelFrom === "client")
    return { tryNext: true, error: { code: "model_not_found", ...told, ...said } };
  // The provider's own fault or the deployment's: what it says is for the log, and a repeat does not mend it.
  return { tryNext: true, error: { code: "upstream_error", ...told, retryable: false } };
}

/** A refusal that is what its status says. */
function failureOfStatus({ status, words = {}, retryAfterMs }: Refused): UpstreamFailure {
  const told = tellLog(status, words);
  if (status === 400 && MODELS_OWN.has(words.code))
    return { tryNext: true, error: { code: "upstream_invalid_response", ...told } };
  const code = CLIENT_ERRORS.get(status);
  if (code) return { tryNext: words.code === RATE_LIMIT, error: { code, ...told, ...tellClient(words) } };
  const waiting = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 408 || status === 504)
    return { tryNext: true, error: { code: "upstream_timeout", ...told, ...waiting } };
  if (isOverload(status, words))
    return { tryNext: true, error: { ...overloaded(words), ...told, ...waiting } };
  return {
    tryNext: true,
    error: { code: status === 429 ? "rate_limited" : "upstream_error", ...told, ...waiting },
  };
}

/** The class of a refusal, and the provider's words, which are for the log where the route says so. */
const tellLog = (status: number, words: RefusalWords) => ({
  reason: `status ${status}${writeClass(words)}`,
  ...(words.message === undefined ? {} : { quote: words.message }),
});

/** OpenAI's own codes are passed on: its clients know them, and agents give up at them. */
const OPENAIS_OVERLOAD = /^(?:server_is_overloaded|slow_down)$/;

const overloaded = ({ code }: RefusalWords): GatewayError => ({
  code: "overloaded",
  ...(code !== undefined && OPENAIS_OVERLOAD.test(code) ? { providerCode: code } : {}),
});

/** A target that is not called for now, for its breaker is open; another call of it may be made after `retryAfterMs`. */
export const failPaused = (
  label: string,
  retryAfterMs: number,
  code: "rate_limited" | "overloaded" = "overloaded",
): UpstreamFailure => ({
  error: { code, reason: `${label} is paused after failures`, retryAfterMs, uncalled: true },
  tryNext: true,
});

/** A target whose provider has told for all of its keys when to come back. */
export const failLimited = (label: string, retryAfterMs: number | undefined): UpstreamFailure => ({
  error: {
    code: "rate_limited",
    reason: `every key of ${label} is at its limit`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    uncalled: true,
  },
  tryNext: true,
});

/** A target that has as many calls under way as it takes, and a long line; who comes back then may have a turn. */
export const failFull = (label: string, retryAfterMs: number): UpstreamFailure => ({
  error: { code: "overloaded", reason: `${label} has its calls at once`, retryAfterMs, uncalled: true },
  tryNext: true,
});

/** A failure that a provider has told of in an answer of status 200, as it would be with a status of its own. */
export function failureOfTold({ status, ...words }: ToldFailure): UpstreamFailure {
  return { ...failureOfRefusal({ status, words }), status };
}

/** Whether another target may do better after an answer that ended so before it began. */
export const mayTryNext = ({ code, providerCode }: GatewayError): boolean => {
  if (code === "client_closed") return false;
  return providerCode === RATE_LIMIT || ![...CLIENT_ERRORS.values()].includes(code);
};

/** The class of a refusal, for the log: its code, or else its type, which are words of the provider's API. */
function writeClass({ code, type }: RefusalWords): string {
  const named = [code, type].find((name) => name !== undefined && CODE.test(name));
  return named === undefined ? "" : ` (${named})`;
}

/** A provider's code is one word, and says more than the kind of error, which we have codes for. */
const CODE = /^[a-z][a-z0-9_.-]{1,63}$/i;
const KIND = /error$/i;

function tellClient({ message, code, param }: RefusalWords): Partial<GatewayError> {
  const isCode = code !== undefined && CODE.test(code) && !KIND.test(code);
  return {
    ...(message === undefined ? {} : { message }),
    ...(isCode ? { providerCode: code } : {}),
    ...(param === undefined ? {} : { param }),
  };
}

/** What to tell the client when every target that was tried has failed; a single failure is told as it is. */
export function summariseFailures(failures: readonly UpstreamFailure[]): GatewayError {
  const [only] = failures;
  if (only && failures.length === 1) return only.error;
  // The one failure that the client can do something about.
  const tooLong = failures.find(({ error }) => error.code === "context_length_exceeded");
  if (tooLong) return tooLong.error;
  const told = {
    reason: failures.map(({ error }) => error.reason ?? error.code).join("; "),
    ...findSoonest(failures),
  };
  if (only && failures.every(({ error }) => error.uncalled === true))
    return { code: findCodeOfPaused(failures), ...told, uncalled: true };
  const lasting = failures.length > 0 && failures.every(({ error }) => error.retryable === false);
  const codes = new Set(failures.map(({ error }) => error.code));
  const shared = codes.size === 1 ? failures[0]?.error.code : undefined;
  if (shared === "model_input_invalid" && only) return only.error;
  const code = shared === "rate_limited" || shared === "overloaded" ? shared : "all_targets_failed";
  return { code, ...told, ...(lasting ? { retryable: false } : {}) };
}

const findCodeOfPaused = (failures: readonly UpstreamFailure[]) =>
  failures.every(({ error }) => error.code === "rate_limited") ? "rate_limited" : "overloaded";

function findSoonest(failures: readonly UpstreamFailure[]): Pick<GatewayError, "retryAfterMs"> {
  const waits = failures.flatMap(({ error }) => error.retryAfterMs ?? []);
  return waits.length > 0 ? { retryAfterMs: Math.min(...waits) } : {};
}
