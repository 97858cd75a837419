import type { WindowSpec } from "./request-window-protocol.ts";

/**
 * The calls of the object of a window of jobs. Times are milliseconds since the epoch. Every call may be
 * repeated: a job is identified by its id, a group's run by its number.
 */

/** One job that is to share a call: its request and its size. */
export interface JobWindowEntry {
  /** Its id in the window: the job's id, and when the job was accepted. */
  readonly id: string;
  /** The job's wire id. */
  readonly job: string;
  readonly createdAt: number;
  readonly tenant: string;
  /** Which of the tenant's keys submitted it. */
  readonly keyId: string;
  /** The inference body as JSON. */
  readonly request: string;
  readonly cacheControl: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly items: number;
  readonly tokens: number;
  /** Tokens of its longest item. */
  readonly longest: number;
  /** It waits for others until then at most. */
  readonly sendBy: number;
  /** Nothing is started for it that cannot end by then. */
  readonly completeBy: number;
}

/** The id of an entry. A job with the same id that was accepted at another time is another job. */
export const nameEntry = (job: string, createdAt: number): string => `${job}@${createdAt}`;

/** Jobs that run together, under one lease. */
export interface ClaimedGroup {
  readonly id: string;
  /** Which run of these jobs it is: 1 is the first. */
  readonly run: number;
  /** The same without runs that made no call. */
  readonly tries: number;
  /** The run before, where it was never reported. */
  readonly lostRun: { readonly startedAt: number } | null;
  readonly spec: WindowSpec;
  readonly entries: readonly JobWindowEntry[];
}

/** Jobs of a group that are to be run again, together. */
export interface UnitAgain {
  readonly ids: readonly string[];
  readonly notBefore: number;
  /** Whether this run made no call, and counts as none. */
  readonly postponed: boolean;
  /** Whether their objects could not be told how this run went. */
  readonly untold: boolean;
}

export interface JobWindowReplies {
  /** `full`: the window takes no more, or its route has no window any more. */
  add: { readonly kind: "held" | "full" };
  /** `none`: no group is due, or another run has it. */
  claim: { readonly kind: "claimed"; readonly group: ClaimedGroup } | { readonly kind: "none" };
  /** `refused`: a later run has begun, or the group has been settled. */
  extend: { readonly kind: "extended" | "refused" };
  settle: { readonly kind: "settled" | "refused" };
}

/** A window's object, as the Worker calls it. When it answers `held`, the job is stored. */
export interface JobWindowPort {
  add(spec: WindowSpec, entry: JobWindowEntry): Promise<JobWindowReplies["add"]>;
  claim(leaseMs: number): Promise<JobWindowReplies["claim"]>;
  extend(group: string, run: number, leaseMs: number): Promise<JobWindowReplies["extend"]>;
  /** Ends a run: all of its jobs are done, except those in `again`. */
  settle(group: string, run: number, again: readonly UnitAgain[]): Promise<JobWindowReplies["settle"]>;
  /** Takes out a job that is no longer wanted. */
  leave(id: string): Promise<void>;
}
