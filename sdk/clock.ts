import { sleep } from "./limit.ts";

/** Time and chance, handed to what needs them so that tests can hold both still. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Rejects with the signal's reason as soon as it aborts. */
  readonly sleep: (delayMs: number, signal: AbortSignal) => Promise<void>;
}

export const systemClock: Clock = { now: () => Date.now(), random: () => Math.random(), sleep };
