/** Calls back once when too little came for too long a time of waiting, or at `deadlineAt` in any case. */
export interface Watchdog {
  /** How much longer nothing may be heard, where it is waited on. */
  leftMs(): number;
  /** So many parts were heard, one unless told: it is waited for the next from now on. */
  touch(parts?: number): void;
  /** Nothing is awaited until the next touch or wait: only the deadline counts. */
  pause(): void;
  /** It is waited on, for what a pause has left of the time. */
  wait(): void;
  /** Sets how much has to be heard from now on. */
  setPace(pace: Pace): void;
  /** Ends the watch; must be called, or the timer keeps the request alive. */
  stop(): void;
}

export interface Pace {
  /** How long nothing may be heard; as before where absent. */
  readonly quietMs?: number | undefined;
  /** How many parts have to be heard a second, `quietMs` being how far that may be fallen behind; any where absent. */
  readonly minPerSecond?: number | undefined;
}

export interface WatchLimits {
  readonly quietMs: number;
  /** Milliseconds since the epoch. */
  readonly deadlineAt: number;
}

/** Why a watch has ended: nothing was heard for so long, too little was, or the deadline has passed. */
export type Expired = "quiet" | "slow" | "deadline";

/**
 * One timer for any number of touches: when it fires early, it is set again for the time that is left. So a
 * stream of a thousand events does not set a thousand timers. Every part that is heard earns time, as a token
 * bucket is filled: all of `quietMs`, or where there is a least pace, the time in which that asks for one.
 */
export function startWatchdog(
  limits: WatchLimits,
  now: () => number,
  onExpire: (what: Expired) => void,
): Watchdog {
  let { quietMs } = limits;
  let earnsMs = Infinity;
  let leftMs = quietMs;
  /** Since when it is waited; undefined in a pause. */
  let since: number | undefined = now();
  let isBehind = false;
  let ringsAt: number;
  let timer: ReturnType<typeof setTimeout>;
  const due = () => Math.min(since === undefined ? now() + quietMs : since + leftMs, limits.deadlineAt);
  const arm = () => {
    ringsAt = due();
    timer = setTimeout(ring, Math.max(0, ringsAt - now()));
  };
  const ring = () => {
    if (now() < due()) arm();
    else onExpire(due() === limits.deadlineAt ? "deadline" : isBehind ? "slow" : "quiet");
  };
  const armSooner = () => {
    if (due() >= ringsAt) return;
    clearTimeout(timer);
    arm();
  };
  const pause = () => {
    if (since !== undefined) leftMs -= now() - since;
    since = undefined;
  };
  const wait = () => {
    if (since !== undefined) return;
    since = now();
    armSooner();
  };
  arm();
  return {
    leftMs: () => (since === undefined ? leftMs : since + leftMs - now()),
    touch: (parts = 1) => {
      pause();
      leftMs = Math.min(quietMs, leftMs + parts * earnsMs);
      isBehind = leftMs < quietMs;
      wait();
    },
    pause,
    wait,
    setPace: (pace) => {
      quietMs = pace.quietMs ?? quietMs;
      earnsMs = pace.minPerSecond === undefined ? Infinity : 1000 / pace.minPerSecond;
      leftMs = quietMs;
      if (since !== undefined) since = now();
      armSooner();
    },
    stop: () => clearTimeout(timer),
  };
}
