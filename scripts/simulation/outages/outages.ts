import { drawArrivalTimes } from "../../../bench/load/arrival-times.ts";
import { percentile } from "../../../bench/report/percentile.ts";
import { type OutageRun, simulateOutage } from "./simulate-outage.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const OUTAGES = [
  { title: "1 s", lengthMs: SECOND },
  { title: "1 min", lengthMs: MINUTE },
  { title: "1 h", lengthMs: HOUR },
] as const;

export const JOBS = 2000;
export const ISOLATES = 4;
export const COMPLETE_WITHIN_MS = 3 * HOUR;
/** Before an outage begins; after it as many jobs come again as came before it and in it. */
const CALM_MS = 20 * SECOND;
const SEED = 7;

export interface Measured {
  readonly title: string;
  readonly survivedShare: number;
  /** Calls for every job, those in vain included. */
  readonly callsPerJob: number;
  readonly busiest: number;
  /** The same where every job finds out by itself that the target is down. */
  readonly callsAlone: number;
  readonly busiestAlone: number;
  /** From the end of the outage to the answer, of the jobs that had come by then. */
  readonly medianLateMs: number;
  readonly longestLateMs: number;
}

/** Jobs that come evenly before, during and after outages of each length. */
export const measureOutages = (): readonly Measured[] =>
  OUTAGES.map(({ title, lengthMs }) => {
    const [beginsAt, endsAt] = [CALM_MS, CALM_MS + lengthMs];
    const arrivals = drawArrivalTimes((JOBS / (2 * endsAt)) * 1000, JOBS, SEED);
    const outage = { arrivals, beginsAt, endsAt, completeWithinMs: COMPLETE_WITHIN_MS, isolates: ISOLATES };
    const paused = simulateOutage({ ...outage, pauses: true });
    const alone = simulateOutage({ ...outage, pauses: false });
    const late = listLate(paused, arrivals, endsAt);
    return {
      title,
      survivedShare: paused.answeredAt.filter((at) => at !== undefined).length / JOBS,
      callsPerJob: paused.calls / JOBS,
      busiest: paused.busiest,
      callsAlone: alone.calls / JOBS,
      busiestAlone: alone.busiest,
      medianLateMs: percentile(late, 0.5),
      longestLateMs: Math.max(...late),
    };
  });

const listLate = ({ answeredAt }: OutageRun, arrivals: readonly number[], endsAt: number): number[] =>
  answeredAt.flatMap((at, job) =>
    at !== undefined && at > endsAt && (arrivals[job] ?? Infinity) < endsAt ? at - endsAt : [],
  );
