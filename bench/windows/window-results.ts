import type { CostRow } from "../jobs/job-results.ts";
import type { Times } from "../jobs/measure-jobs.ts";

/** What batch windows do for requests, and what they cost. */
export interface WindowResults {
  /** When they were measured, which may be after the rest was. */
  readonly date: string;
  readonly goals: readonly WindowGoal[];
  readonly loads: readonly WindowLoad[];
  readonly costs: readonly CostRow[];
}

/** One number, with what it is to be. */
export interface WindowGoal {
  /** The case. */
  readonly upstream: string;
  readonly what: string;
  /** The median of the rounds. */
  readonly value: number;
  /** The smallest and the largest of a round. */
  readonly spread?: readonly [least: number, most: number];
  readonly unit: "/s" | "×";
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** Requests that come at a rate, and what they see of it; medians of the rounds. */
export interface WindowLoad {
  readonly name: string;
  readonly ratePerSecond: number;
  /** From when a request was due to its answer. */
  readonly times: Times;
  readonly inTimeShare: number;
  readonly callsPer1000: number;
  readonly itemsPerCall: number;
  readonly cpuMicroseconds: number;
  /** By how much the load was late at worst: the times include it. */
  readonly worstDelayMs: number;
}
