import type { ErrorCode } from "../../contract/errors.ts";
import type { Task } from "../../contract/requests.ts";
import type { Usage } from "../../contract/responses.ts";

/**
 * What has happened, told once, where it is known, to all who want to hear it: the log, and whatever counts
 * money, health or use. Times are milliseconds since the epoch, money is USD. No body, header or key is in
 * a fact.
 */
export type Fact = AttemptFact | AnswerFact | RefusalFact | JobFact;

export type FactTask = Task | "transcriptions" | "translations";

/** What a call or an answer used, and what that cost. */
interface Use {
  /** By the provider's own count, or marked `estimated`; null where neither is known. */
  readonly usage: Usage | null;
  /** Undefined where nobody knows the price. */
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
  readonly startedAt: number;
  readonly endedAt: number;
  /** What the provider answered, where it did. */
  readonly status: number | null;
  readonly error: ErrorCode | null;
  /** What went wrong, in the provider's or the runtime's words. */
  readonly reason: string | undefined;
  /** How many requests it was made for. */
  readonly sharedBy: number;
}

/** Where an answer came from: a call of its own, the cache, another's call that asked the same, a window's call. */
export type AnswerSource = "call" | "hit" | "flight" | "window";

/** One request that was answered. Those who share a call have an answer each, and one pays for it. */
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
  /** Targets that were tried for it. */
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

/** A job as a run has left it. */
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
 * Tells a fact to all who listen. Returns at once, and never throws; what a listener has still to do goes
 * to `defer`.
 */
export interface Tell {
  (fact: Fact, defer: Defer): void;
  /**
   * Has all who listen do now what they would have waited with, by work given to this `defer`. For where
   * waiting costs: a queue's delivery goes on until its deferred work has ended, as does an object's time.
   */
  flush(defer: Defer): void;
}
