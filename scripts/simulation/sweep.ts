import { drawArrivalTimes } from "../../bench/load/arrival-times.ts";
import { type Measurement, measure } from "./measure.ts";
import { createOwnWindow, createPolicy, type Policy, type PolicyName, type Upstream } from "./policies.ts";
import { simulate } from "./simulate.ts";

/** An upstream, and its callers' deadline. */
export interface Case {
  readonly title: string;
  readonly upstream: Upstream;
  readonly deadlineMs: number;
}

export const CASES = {
  steep: {
    title: "A call takes 20 + 1·n ms, one at a time, up to 32 items",
    upstream: { baseMs: 20, perItemMs: 1, slots: 1, maxItems: 32 },
    deadlineMs: 100,
  },
  /** The Inception model of Triton's guide to optimisation: 73 a second one by one, 272 with groups of 4. */
  triton: {
    title: "Triton's published case: a call takes 13.3 + 0.35·n ms, one at a time, up to 4 items",
    upstream: { baseMs: 13.3, perItemMs: 0.35, slots: 1, maxItems: 4 },
    deadlineMs: 100,
  },
} as const satisfies Readonly<Record<string, Case>>;

/** Requests a second: evenly spread on a logarithmic axis, closer where policies stop keeping up. */
export const LOADS = [
  1, 1.5, 2, 3, 5, 7, 10, 14, 20, 24, 28, 34, 40, 48, 55, 70, 85, 100, 120, 140, 170, 200, 225, 250, 275, 300,
  350, 400, 450, 475, 500, 525, 550, 600, 650, 700, 850, 1000, 1400, 2000,
] as const;

const ARRIVALS = 5000;
const SEED = 5;

export interface Point extends Measurement {
  readonly load: number;
}

/** A policy keeps up as long as it answers this share of all in time. */
export const KEEPS_UP = 0.99;

export type Sweep = Readonly<Record<PolicyName, readonly Point[]>>;

/** All policies over all loads. Every run meets the same bursts, only faster or slower. */
export function sweep(of: Case): Sweep {
  const over = (name: PolicyName) => LOADS.map((load) => runAt(of, createPolicy(name, of.upstream), load));
  return {
    greedy: over("greedy"),
    fixed5: over("fixed5"),
    fixed20: over("fixed20"),
    fixed50: over("fixed50"),
    separate: over("separate"),
  };
}

export type Sweeps = Readonly<Record<keyof typeof CASES, Sweep>>;

export const sweepCases = (): Sweeps => ({ steep: sweep(CASES.steep), triton: sweep(CASES.triton) });

export interface Delay {
  readonly maxDelayMs: number;
  readonly points: readonly Point[];
}

/** Headrace's own window, with a wait for other requests although a slot is free. */
export const sweepDelays = (of: Case, loads: readonly number[]): Delay[] =>
  [0, 5, 20, 40].map((maxDelayMs) => ({
    maxDelayMs,
    points: loads.map((load) => runAt(of, createOwnWindow(of.upstream, maxDelayMs), load)),
  }));

function runAt({ upstream, deadlineMs }: Case, policy: Policy, load: number): Point {
  const arrivals = drawArrivalTimes(load, ARRIVALS, SEED);
  const scenario = { policy, upstream, arrivals, deadlineMs };
  return { load, ...measure(scenario, simulate(scenario)) };
}
