/** Calls back once when nothing came for `quietMs` of waiting, or at `deadlineAt` in any case. */
export interface Watchdog {
  /** How long nothing may be heard. */
  readonly quietMs: number;
  /** Something was heard: it is waited for the next from now on, for `quietMs`. */
  touch(): void;
  /** Nothing is awaited until the next touch or wait: only the deadline counts. */
  pause(): void;
  /** It is waited on, for what a pause has left of the time. */
  wait(): void;
  /** Sets how long nothing may be heard from now on. */
  setQuiet(quietMs: number): void;
  /** Ends the watch; must be called, or the timer keeps the request alive. */
  stop(): void;
}

export interface WatchLimits {
  readonly quietMs: number;
  /** Milliseconds since the epoch. */
  readonly deadlineAt: number;
}

/**
 * One timer for any number of touches: when it fires early, it is set again for the time that is left. So a
 * stream of a thousand events does not set a thousand timers.
 */
export function startWatchdog(
  limits: WatchLimits,
  now: () => number,
  onExpire: (what: "quiet" | "deadline") => void,
): Watchdog {
  let { quietMs } = limits;
  let leftMs = quietMs;
  /** Since when it is waited; undefined in a pause. */
  let since: number | undefined = now();
  let ringsAt: number;
  let timer: ReturnType<typeof setTimeout>;
  const due = () => Math.min(since === undefined ? now() + quietMs : since + leftMs, limits.deadlineAt);
  const arm = () => {
    ringsAt = due();
    timer = setTimeout(ring, Math.max(0, ringsAt - now()));
  };
  const ring = () => (now() < due() ? arm() : onExpire(due() === limits.deadlineAt ? "deadline" : "quiet"));
  const armSooner = () => {
    if (due() >= ringsAt) return;
    clearTimeout(timer);
    arm();
  };
  arm();
  return {
    get quietMs() {
      return quietMs;
    },
    touch: () => {
      since = now();
      leftMs = quietMs;
    },
    pause: () => {
      if (since !== undefined) leftMs -= now() - since;
      since = undefined;
    },
    wait: () => {
      if (since !== undefined) return;
      since = now();
      armSooner();
    },
    setQuiet: (ms) => {
      quietMs = ms;
      leftMs = ms;
      if (since !== undefined) since = now();
      armSooner();
    },
    stop: () => clearTimeout(timer),
  };
}
