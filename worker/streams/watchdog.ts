import { FIRST_TOKEN } from "../domain/resilience/first-token.ts";

/** Calls back once when too little came for too long a time of waiting, or at the deadline in any case. */
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
  /** How long nothing may be heard; as the limits have it where absent. */
  readonly quietMs?: number | undefined;
  /** How many parts have to be heard a second, `quietMs` being how far that may be fallen behind; any where absent. */
  readonly minPerSecond?: number | undefined;
}

export interface WatchLimits {
  readonly quietMs: number;
  /** How long nothing may be heard until a pace is set; `quietMs` where absent. */
  readonly firstMs?: number | undefined;
  /** In milliseconds since the epoch; read again whenever the timer fires, for it may have moved to later. */
  readonly deadline: { readonly at: number };
}

/** Why a watch has ended: nothing was heard at first or for so long, too little was, or the deadline has passed. */
export type Expired = typeof FIRST_TOKEN | "quiet" | "slow" | "deadline";

export const startWatchdog = (
  limits: WatchLimits,
  now: () => number,
  onExpire: (what: Expired) => void,
): Watchdog => new TimedWatchdog(limits, now, onExpire);

/**
 * One timer for any number of touches: when it fires early, it is set again for the time that is left. So a
 * stream of a thousand events does not set a thousand timers. Every part that is heard earns time, as a token
 * bucket is filled: all of `quietMs`, or where there is a least pace, the time in which that asks for one.
 */
class TimedWatchdog implements Watchdog {
  readonly #now: () => number;
  readonly #onExpire: (what: Expired) => void;
  readonly #deadline: WatchLimits["deadline"];
  readonly #limitMs: number;
  #quietMs: number;
  #silence: Expired;
  #earnsMs = Infinity;
  #leftMs: number;
  /** Since when it is waited; undefined in a pause. */
  #since: number | undefined;
  #isBehind = false;
  #ringsAt = Infinity;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(limits: WatchLimits, now: () => number, onExpire: (what: Expired) => void) {
    const { quietMs, firstMs, deadline } = limits;
    this.#now = now;
    this.#onExpire = onExpire;
    this.#deadline = deadline;
    this.#limitMs = quietMs;
    this.#quietMs = firstMs ?? quietMs;
    this.#silence = firstMs === undefined ? "quiet" : FIRST_TOKEN;
    this.#leftMs = this.#quietMs;
    this.#since = now();
    this.#arm();
  }

  leftMs(): number {
    return this.#since === undefined ? this.#leftMs : this.#since + this.#leftMs - this.#now();
  }

  touch(parts = 1): void {
    this.pause();
    this.#leftMs = Math.min(this.#quietMs, this.#leftMs + parts * this.#earnsMs);
    this.#isBehind = this.#leftMs < this.#quietMs;
    this.wait();
  }

  pause(): void {
    if (this.#since !== undefined) this.#leftMs -= this.#now() - this.#since;
    this.#since = undefined;
  }

  wait(): void {
    if (this.#since !== undefined) return;
    this.#since = this.#now();
    this.#armSooner();
  }

  setPace({ quietMs, minPerSecond }: Pace): void {
    this.#quietMs = quietMs ?? this.#limitMs;
    this.#silence = "quiet";
    this.#earnsMs = minPerSecond === undefined ? Infinity : 1000 / minPerSecond;
    this.#leftMs = this.#quietMs;
    if (this.#since !== undefined) this.#since = this.#now();
    this.#armSooner();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#ringsAt = -Infinity;
  }

  #due(): number {
    const left = this.#since === undefined ? this.#now() + this.#quietMs : this.#since + this.#leftMs;
    return Math.min(left, this.#deadline.at);
  }

  #arm(): void {
    this.#ringsAt = this.#due();
    this.#timer = setTimeout(() => this.#ring(), Math.max(0, this.#ringsAt - this.#now()));
  }

  #armSooner(): void {
    if (this.#due() >= this.#ringsAt) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#arm();
  }

  #ring(): void {
    const due = this.#due();
    if (this.#now() < due) this.#arm();
    else this.#onExpire(due === this.#deadline.at ? "deadline" : this.#isBehind ? "slow" : this.#silence);
  }
}
