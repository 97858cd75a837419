import { draw } from "../helpers/fake-provider/draw.ts";
import type { FaultMix } from "../helpers/fake-provider/protocol.ts";
import { JOB_KINDS, type JobKind } from "./load/job-kinds.ts";

/** What a run is to do, all of it drawn from the seed before anything starts; pure. */

export interface ChaosOptions {
  readonly jobs: number;
  /** Kills while jobs are submitted and run; one more comes before the last look at them. */
  readonly kills: number;
  readonly seed: number;
  /** Shares of the provider's calls, each from 0 to 1. */
  readonly failRate: number;
  readonly hangRate: number;
  readonly garbageRate: number;
  /** The share of the jobs, of those that can have one, that have a webhook. */
  readonly webhookRate: number;
  /** The share of the jobs that are canceled, deleted or retried, a third of it each. */
  readonly changeRate: number;
  /** Over how long the submissions are spread. */
  readonly loadSeconds: number;
  /** How long each outage of the provider lasts, in which every call fails. */
  readonly outageSeconds: readonly number[];
  /** How long jobs may take to end after the last kill; those that have not by then are lost. */
  readonly settleSeconds: number;
}

/** One job that somebody wants. */
export interface Order {
  readonly key: string;
  readonly kind: JobKind;
  /** What is asked; of every order another. */
  readonly text: string;
  /** When to submit it, in milliseconds after the start. */
  readonly atMs: number;
  /** How many submit it at the same moment, under the one key. */
  readonly copies: number;
  /**
   * Whether anybody looks at the job before the end of the run. To be looked at brings a job up to date:
   * the others end by their own alarms or not at all.
   */
  readonly watched: boolean;
  /** Whether a webhook is to be told of its end. */
  readonly webhook: boolean;
  /** What is done to the job, by whoever has it: it is canceled at some time, or deleted or retried at its end. */
  readonly change: JobChange | null;
  /** How long after it was accepted a job is canceled. */
  readonly cancelAfterMs: number;
}

export type JobChange = "cancel" | "delete" | "retry";

export interface Plan {
  readonly orders: readonly Order[];
  /** How long the gateway lives before each kill, in milliseconds from when it was ready. */
  readonly livesMs: readonly number[];
  readonly mix: FaultMix;
  readonly outages: readonly Outage[];
}

/** A time in which every call of the provider fails. */
export interface Outage {
  /** It begins when the gateway has come up after so many kills. */
  readonly afterKills: number;
  readonly lengthMs: number;
}

/** The share of the orders that are submitted twice at once. */
const DOUBLED = 0.1;
const WATCHED = 0.5;
/** Some are canceled before they begin, some while they run, some too late. */
const CANCEL_WITHIN_MS = 1500;
/** Submissions come in waves, so that a kill meets queues that are full and many calls under way. */
const WAVE_SECONDS = 3;
const WAVE_WIDTH_MS = 400;
/** The gateway lives for this share of the load all in all; starting it again takes more time on top. */
const LIVES_OF_LOAD = 1.1;
/** Of the mean: so that no life is so long that others are too short to matter. */
const LONGEST_LIFE = 3;

export function buildPlan(options: ChaosOptions): Plan {
  const { jobs, kills, seed, loadSeconds } = options;
  const lifeMs = (loadSeconds * 1000 * LIVES_OF_LOAD) / Math.max(1, kills);
  return {
    orders: Array.from({ length: jobs }, (_, n) => buildOrder(options, n)),
    livesMs: Array.from({ length: kills }, (_, n) => lifeMs * drawLife(seed, n)),
    mix: buildMix(options),
    outages: buildOutages(options),
  };
}

/** Spread over the kills. */
const buildOutages = ({ outageSeconds, kills }: ChaosOptions): readonly Outage[] =>
  outageSeconds.map((seconds, n) => ({
    afterKills: Math.floor((kills * (n + 1)) / (outageSeconds.length + 1)),
    lengthMs: seconds * 1000,
  }));

/** As a share of the mean; exponential, for a crash does not wait its turn. */
const drawLife = (seed: number, n: number): number =>
  Math.min(LONGEST_LIFE, -Math.log(1 - draw(seed, "life", n)));

/** A moment in one of the waves. */
function drawMoment({ seed, loadSeconds }: ChaosOptions, n: number): number {
  const waves = Math.max(1, Math.round(loadSeconds / WAVE_SECONDS));
  const wave = Math.floor(draw(seed, "wave", n) * waves);
  return wave * WAVE_SECONDS * 1000 + draw(seed, "moment", n) * WAVE_WIDTH_MS;
}

function buildOrder(options: ChaosOptions, n: number): Order {
  const { seed, webhookRate, changeRate } = options;
  const kind = drawKind(seed, n);
  return {
    key: `chaos-${seed}-${n}`,
    kind,
    text: `Of seed ${seed}, question ${n}.`,
    atMs: drawMoment(options, n),
    copies: draw(seed, "copies", n) < DOUBLED ? 2 : 1,
    watched: draw(seed, "watched", n) < WATCHED,
    webhook: kind.answers === "document" && draw(seed, "webhook", n) < webhookRate,
    change: draw(seed, "changed", n) < changeRate ? drawChange(seed, n, kind) : null,
    cancelAfterMs: draw(seed, "cancel", n) * CANCEL_WITHIN_MS,
  };
}

/** Calls that several jobs share are told apart by what they ask, which a retry asks again. */
function drawChange(seed: number, n: number, { shared }: JobKind): JobChange {
  const changes: readonly JobChange[] = shared ? ["cancel", "delete"] : ["cancel", "delete", "retry"];
  return changes[Math.floor(draw(seed, "change", n) * changes.length)] ?? "cancel";
}

function drawKind(seed: number, n: number): JobKind {
  const kind = JOB_KINDS[Math.floor(draw(seed, "kind", n) * JOB_KINDS.length)];
  if (!kind) throw new Error("there are no kinds of jobs");
  return kind;
}

/** Failures of every sort a provider has, and answers that take their time, so that kills meet calls. */
function buildMix({ seed, failRate, hangRate, garbageRate }: ChaosOptions): FaultMix {
  const well = Math.max(0, 1 - failRate - hangRate - garbageRate);
  return {
    seed,
    faults: [
      { share: failRate * 0.4, fault: { kind: "status", status: 503, delayMs: 30 } },
      { share: failRate * 0.2, fault: { kind: "status", status: 500, delayMs: 5 } },
      { share: failRate * 0.2, fault: { kind: "status", status: 429, headers: { "retry-after": "1" } } },
      { share: failRate * 0.1, fault: { kind: "reset" } },
      { share: failRate * 0.1, fault: { kind: "reset", after: 1 } },
      { share: hangRate, fault: { kind: "hang" } },
      { share: garbageRate / 2, fault: { kind: "invalid-json" } },
      { share: garbageRate / 4, fault: { kind: "html" } },
      { share: garbageRate / 4, fault: { kind: "cut", after: 1 } },
      { share: well * 0.4, fault: { delayMs: 40 } },
      { share: well * 0.3, fault: { delayMs: 200, eventDelayMs: 100 } },
    ],
  };
}
