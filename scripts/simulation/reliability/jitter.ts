import { mulberry32 } from "../../../bench/load/arrival-times.ts";
import { repeatDelayMs } from "../../../worker/domain/resilience/repeat-delay.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { drawNormal, REFUSED } from "./upstream.ts";

/**
 * AWS's simulator of "Exponential Backoff And Jitter" (https://github.com/aws-samples/aws-arch-backoff-simulator,
 * src/backoff_simulator.py): clients read a row's version and write it, and all but the first to come must try
 * again. Its numbers are 10 ms of network, 2 ms of deviation, and waits of 10 ms to 2 s; ours begin at 100 ms, so
 * that the network is ten times as slow here, and times are told in tenths.
 */
const SCALE = 10;
const NETWORK_MS = 10 * SCALE;
const DEVIATION_MS = 2 * SCALE;

export interface Contended {
  /** Until the last client is done, in milliseconds of the original. */
  readonly timeMs: number;
  /** Writes, in vain or not. */
  readonly calls: number;
}

/** Runs so many clients against each other, with the gateway's own wait between tries, so many times over. */
export function measureContention(clients: number, runs: number): Contended {
  const draw = mulberry32(clients);
  const random = () => 1 - draw();
  let time = 0;
  let calls = 0;
  for (let run = 0; run < runs; run++) {
    const contest = new Contest(random);
    for (let client = 0; client < clients; client++) contest.begin(1);
    contest.clock.run();
    time += contest.clock.now / SCALE;
    calls += contest.calls;
  }
  return { timeMs: time / runs, calls: calls / runs };
}

class Contest {
  readonly clock = new VirtualClock();
  calls = 0;
  readonly #random: () => number;
  #version = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Reads, writes, and waits to try again where another has written between. */
  begin(tries: number): void {
    this.#send(() => {
      const version = this.#version;
      this.#send(() => this.#send(() => this.#write(version, tries)));
    });
  }

  #write(version: number, tries: number): void {
    this.calls++;
    if (version === this.#version) {
      this.#version++;
      return this.#send(() => {});
    }
    this.#send(() =>
      this.#send(() => this.clock.at(this.clock.now + this.#waitMs(tries), () => this.begin(tries + 1))),
    );
  }

  #waitMs(tries: number): number {
    const failure = REFUSED.failure;
    if (!failure) return Number.NaN;
    const bounds = { most: Infinity, hasNext: false, onUnknownOutcome: "repeat", leftMs: Infinity } as const;
    return repeatDelayMs({ failure, tries, ...bounds, roll: this.#random() }) ?? Number.NaN;
  }

  #send(arrive: () => void): void {
    const ms = Math.abs(NETWORK_MS + DEVIATION_MS * drawNormal(this.#random));
    this.clock.at(this.clock.now + ms, arrive);
  }
}
