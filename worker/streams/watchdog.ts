/** Calls back once when nothing came for `quietMs`, or at `deadlineAt` in any case. */
export interface Watchdog {
  /** How long nothing may be heard. */
  readonly quietMs: number;
  /** Something was heard. */
  touch(): void;
  /** Nothing is awaited until the next touch: only the deadline counts. */
  pause(): void;
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
  let heardAt = now();
  let paused = false;
  let timer: ReturnType<typeof setTimeout>;
  const due = () => Math.min(heardAt + limits.quietMs, limits.deadlineAt);
  const arm = () => {
    timer = setTimeout(ring, Math.max(0, due() - now()));
  };
  const ring = () => {
    if (paused) heardAt = now();
    if (now() < due()) arm();
    else onExpire(due() === limits.deadlineAt ? "deadline" : "quiet");
  };
  arm();
  return {
    quietMs: limits.quietMs,
    touch: () => {
      paused = false;
      heardAt = now();
    },
    pause: () => {
      paused = true;
    },
    stop: () => clearTimeout(timer),
  };
}
