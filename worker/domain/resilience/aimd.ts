import type { UpstreamFailure } from "../routing/upstream-failure.ts";

/**
 * How many calls of a target may run at once, where it has to be found out: additive increase, multiplicative
 * decrease, as TCP's congestion control (Chiu and Jain, 1989; RFC 5681). Many isolates that share a target come to
 * equal shares of what it can do. Pure; times are milliseconds since the epoch.
 */
export interface AimdState {
  /** Its whole part counts. */
  readonly limit: number;
  /** When it was last lowered; 0 before the first time. */
  readonly loweredAt: number;
}

export interface AimdRule {
  readonly min: number;
  readonly max: number;
}

/** How a call ended: what neither shows room nor lack of it, as a client that leaves, is `unknown`. */
export type CallOutcome = "answered" | "overloaded" | "unknown";

interface EndedCall {
  readonly outcome: CallOutcome;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Whether the limit was reached while it ran: with room left, an answer says nothing of more. */
  readonly wasFull: boolean;
}

/** What is left of the limit; half, as in TCP, is much where providers count by the minute. */
const BACKOFF = 0.7;

export const openAimd = ({ min }: AimdRule): AimdState => ({ limit: min, loweredAt: 0 });

/**
 * The limit after a call. It doubles in the time of a call until the target first has too much, and grows by one in
 * that time afterwards. Calls that began before it was lowered do not lower it again: those of one burst fail
 * together.
 */
export function hearEnd(state: AimdState, { min, max }: AimdRule, call: EndedCall): AimdState {
  const { limit, loweredAt } = state;
  if (call.outcome === "overloaded") {
    if (call.startedAt < loweredAt) return state;
    return { limit: Math.max(min, limit * BACKOFF), loweredAt: call.endedAt };
  }
  if (call.outcome === "unknown" || !call.wasFull) return state;
  const step = loweredAt === 0 ? 1 : 1 / limit;
  return { limit: Math.min(max, limit + step), loweredAt };
}

/** What a failure says of the room that a target has. */
export function judgeRoom({ error, status }: Pick<UpstreamFailure, "error" | "status">): CallOutcome {
  if (status === 503 || OVERLOADS.has(error.code)) return "overloaded";
  return SILENT.has(error.code) ? "unknown" : "answered";
}

const OVERLOADS: ReadonlySet<string> = new Set(["rate_limited", "overloaded", "upstream_timeout"]);
const SILENT: ReadonlySet<string> = new Set([
  "client_closed",
  "deadline_exceeded",
  "internal_error",
  "upstream_error",
  "upstream_invalid_response",
]);
