import type { WindowSpec } from "./request-window-protocol.ts";

/**
 * What the Worker and the object of a window of jobs say to each other. Times are milliseconds since the
 * epoch. Everything may be said twice: a job is known by its id, a group's run by its number.
 */

/** One job that is to share a call: its request, and what is known of its size. */
export interface JobWindowEntry {
  /** Names it in its window: by its job, and when that was accepted. */
  readonly id: string;
  /** The job's wire id. */
  readonly job: string;
  readonly createdAt: number;
  readonly tenant: string;
  /** The inference body as JSON. */
  readonly request: string;
  readonly cacheControl: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly items: number;
  readonly tokens: number;
  /** Tokens of its longest item. */
  readonly longest: number;
  /** Waits no longer than that. */
  readonly sendBy: number;
  /** Nothing is started for it that cannot end by then. */
  readonly completeBy: number;
}

/** A job of the same id that was accepted at another time is another. */
export const nameEntry = (job: string, createdAt: number): string => `${job}@${createdAt}`;

/** Jobs that run together, under one lease. */
export interface ClaimedGroup {
  readonly id: string;
  /** Which run of these jobs it is: 1 is the first. */
  readonly run: number;
  /** Of the run before, where nobody ever reported on it. */
  readonly lostRun: { readonly startedAt: number } | null;
  readonly spec: WindowSpec;
  readonly entries: readonly JobWindowEntry[];
}

/** Jobs of a group that has been run which are to be run once more, together. */
export interface UnitAgain {
  readonly ids: readonly string[];
  readonly notBefore: number;
  /** Their objects have not been told how this run went. */
  readonly untold: boolean;
}

export interface JobWindowReplies {
  /** `full`: the window takes no more, or its route has no window any more. */
  add: { readonly kind: "held" | "full" };
  /** `none`: nothing is due, or somebody has it. */
  claim: { readonly kind: "claimed"; readonly group: ClaimedGroup } | { readonly kind: "none" };
  /** `refused`: a later run has begun, or the group has been settled. */
  extend: { readonly kind: "extended" | "refused" };
  settle: { readonly kind: "settled" | "refused" };
}

/** A window's object, as the Worker calls it. What it has said it holds, it has stored. */
export interface JobWindowPort {
  add(spec: WindowSpec, entry: JobWindowEntry): Promise<JobWindowReplies["add"]>;
  claim(leaseMs: number): Promise<JobWindowReplies["claim"]>;
  extend(group: string, run: number, leaseMs: number): Promise<JobWindowReplies["extend"]>;
  /** Ends a run: all of its jobs are done with but those that are named. */
  settle(group: string, run: number, again: readonly UnitAgain[]): Promise<JobWindowReplies["settle"]>;
  /** Nobody wants the job any more. */
  leave(id: string): Promise<void>;
}
