import type { ErrorCode } from "../../contract/errors.ts";
import type { Task } from "../../contract/requests.ts";
import type { Usage } from "../../contract/responses.ts";

/**
 * Something that happened, told once to every listener: the log, and later what counts money, health or use.
 * Times are milliseconds since the epoch, money is in USD. A fact has no body, header or key in it.
 */
export type Fact = AttemptFact | AnswerFact | RefusalFact | JobFact;

export type FactTask = Task | "transcriptions" | "translations";

/** What a call or an answer used, and what that cost. */
interface Use {
  /** By the provider's own count, or marked `estimated`; null where neither is known. */
  readonly usage: Usage | null;
  /** Undefined where the price is unknown. */
  readonly costUsd: number | undefined;
  /** Whether it came to its end: not cut off by the provider, nor left by its reader. */
  readonly complete: boolean;
}

/** One upstream call (or answer computed in the Worker), however many requests shared it. */
export interface AttemptFact extends Use {
  readonly kind: "attempt";
  /** The request or job that made it, or the call of a window. */
  readonly request: string;
  /** Undefined where several share it. */
  readonly tenant: string | undefined;
  readonly keyId: string | undefined;
  readonly task: FactTask;
  readonly route: string;
  readonly target: string;
  /** The name of the key's secret, where the provider has several keys. */
  readonly key: string | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
  /** What the provider answered, where it did. */
  readonly status: number | null;
  readonly error: ErrorCode | null;
  /** What went wrong; nothing of a prompt is in it. */
  readonly reason: string | undefined;
  /** What the provider said of it, where the route has its words logged. */
  readonly quote: string | undefined;
  /** How many requests it was made for. */
  readonly sharedBy: number;
}

/**
 * Where an answer came from: its own call, the cache, the call of an identical request, a call shared in a
 * window.
 */
export type AnswerSource = "call" | "hit" | "flight" | "window";

/** One request that was answered. Requests that share a call each have one; identical ones cost only once. */
export interface AnswerFact extends Use {
  readonly kind: "answer";
  readonly request: string;
  readonly tenant: string;
  readonly keyId: string;
  readonly task: FactTask;
  readonly route: string;
  readonly release: string;
  readonly target: string;
  readonly source: AnswerSource;
  /** How much less it cost because it did not hurry, in USD; undefined where that is not known. */
  readonly savedUsd?: number | undefined;
  /** How many calls were made for it. */
  readonly attempts: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** One request that was refused, or could not be answered. */
export interface RefusalFact {
  readonly kind: "refusal";
  readonly request: string;
  /** Undefined where the caller is not known. */
  readonly tenant: string | undefined;
  readonly keyId: string | undefined;
  readonly code: ErrorCode;
  readonly reason: string | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** The status of a job after a run. */
export interface JobFact {
  readonly kind: "job";
  readonly job: string;
  readonly tenant: string;
  readonly task: Task;
  readonly route: string;
  /** `retrying`: it is to be run again. */
  readonly status: string;
  readonly error: string | null;
  readonly at: number;
}

/** Lets work outlive the response (the platform's waitUntil). */
export type Defer = (work: Promise<unknown>) => void;

/**
 * Tells a fact to all listeners. Returns at once, and never throws; work that a listener cannot do at once
 * goes to `defer`.
 */
export interface Tell {
  (fact: Fact, defer: Defer): void;
  /**
   * Has all who listen do now what they would have waited with, by work given to this `defer`. For where
   * waiting costs: a queue's delivery goes on until its deferred work has ended, as does an object's time.
   */
  flush(defer: Defer): void;
}
