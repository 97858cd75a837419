import { simulateRequests } from "./simulated-gateway.ts";
import { REFUSED, type Upstream } from "./upstream.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
export const OUTAGES = [
  { title: "1 s", lengthMs: SECOND },
  { title: "5 s", lengthMs: 5 * SECOND },
  { title: "30 s", lengthMs: 30 * SECOND },
  { title: "2 min", lengthMs: 2 * MINUTE },
  { title: "10 min", lengthMs: 10 * MINUTE },
  { title: "1 h", lengthMs: 60 * MINUTE },
] as const;

const CALM_MS = 10 * SECOND;
/** Requests come evenly, four a second. */
const EVERY_MS = 250;
/** More than the longest pause. */
const AFTER_MS = 6 * MINUTE;
const ANSWERED_MS = 400;

export interface Recovered {
  readonly title: string;
  readonly lengthMs: number;
  /** From the end of the outage to the first request that the target is called for, and answers. */
  readonly aloneMs: number;
  /** The same where the route has another target, which answers in the meantime. */
  readonly besideMs: number;
  /** Calls in vain, with another target. */
  readonly inVain: number;
  /** The pause that is under way at the end of the outage, which is the longest that the target is left alone then. */
  readonly pauseMs: number;
  /** The same by pauses of 30 s, 60 s, 90 s, … up to five minutes, as Envoy's outlier detection has them. */
  readonly multiplesMs: number;
}

/** How soon a target is called again that was down for some time. */
export const measureRecovery = (outages: readonly (typeof OUTAGES)[number][] = OUTAGES) =>
  Promise.all(outages.map(measureOutage));

async function measureOutage({ title, lengthMs }: (typeof OUTAGES)[number]): Promise<Recovered> {
  const endsAt = CALM_MS + lengthMs;
  const arrivals = Array.from({ length: (endsAt + AFTER_MS) / EVERY_MS }, (_, at) => at * EVERY_MS);
  const measure = async (models: readonly string[]) => {
    const calls: number[] = [];
    const upstream: Upstream = (model, now) => {
      if (model === "one" && now >= CALM_MS) calls.push(now);
      return model === "one" && now >= CALM_MS && now < endsAt ? REFUSED : { tookMs: ANSWERED_MS };
    };
    await simulateRequests({ models, upstream }, arrivals);
    const inVain = calls.filter((at) => at < endsAt).length;
    return { recoveredMs: (calls[inVain] ?? Infinity) - endsAt, inVain };
  };
  const [alone, beside] = [await measure(["one"]), await measure(["one", "two"])];
  return {
    title,
    lengthMs,
    aloneMs: alone.recoveredMs,
    besideMs: beside.recoveredMs,
    inVain: beside.inVain,
    pauseMs: findPause(lengthMs, (ejections) => 2 ** (ejections - 1) * SECOND),
    multiplesMs: findPause(lengthMs, (ejections) => ejections * 30 * SECOND),
  };
}

function findPause(lengthMs: number, pauseOf: (ejections: number) => number): number {
  let ejections = 1;
  const pause = () => Math.min(pauseOf(ejections), 5 * MINUTE);
  for (let at = pause(); at <= lengthMs; at += pause()) ejections++;
  return pause();
}
