import type { ConcurrencyRule } from "../contract/config/concurrency.ts";
import { type CallOutcome, hearEnd, openAimd } from "../domain/resilience/aimd.ts";
import { lineMs, pickNext, pickOut, type Turn } from "../domain/resilience/fair-line.ts";
import { err, ok, type Result } from "../domain/result.ts";

/** How many wait for each call that may run. */
const LINE_PER_SLOT = 10;
/** What holds a slot or waits for one shows that often that its request still runs. */
const BEAT_MS = 1000;
/** A request that the platform has stopped ends nothing any more: its slot is taken back. */
const DEAD_AFTER_MS = 5000;
/** Of how many calls the time that a call takes is an average. */
const REMEMBERED = 10;
/** Before any call has ended. */
const UNKNOWN_CALL_MS = 1000;

/** Who wants to call, and how long that may wait. */
export interface SlotTurn extends Turn {
  /** In milliseconds since the epoch. */
  readonly deadline: { readonly at: number };
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal;
}

/** Why there was no turn: none came in time, the line is full, or the caller left. */
export type NoTurn =
  | { readonly why: "late" | "full"; readonly retryAfterMs: number }
  | { readonly why: "left" };

/** The right to one call, until it is released. */
export interface Slot {
  release(outcome: CallOutcome): void;
}

interface Held extends Turn {
  readonly startedAt: number;
  seenAt: number;
}

interface Waiting extends SlotTurn {
  seenAt: number;
  readonly wake: () => void;
  /** Its slot, or that it was pushed out. */
  end?: Held | "out";
}

/** The calls of one target that run, and the line of those that wait for them to end. */
export class SlotLine {
  readonly #now: () => number;
  readonly #held = new Set<Held>();
  #waiting: Waiting[] = [];
  #rule: ConcurrencyRule;
  #aimd = { limit: 0, loweredAt: 0 };
  #callMs: number | undefined;

  constructor(rule: ConcurrencyRule, now: () => number) {
    this.#rule = rule;
    this.#now = now;
    if (rule.adaptive === true) this.#aimd = openAimd(rule);
  }

  /** How many calls may run now. */
  get limit(): number {
    return this.#rule.adaptive === true ? Math.floor(this.#aimd.limit) : this.#rule.max;
  }

  get isIdle(): boolean {
    return this.#held.size === 0 && this.#waiting.length === 0;
  }

  /** Heeds another rule from now on, as after a change of the config. */
  follow(rule: ConcurrencyRule): void {
    if (rule === this.#rule) return;
    this.#rule = rule;
    if (rule.adaptive !== true) return;
    const { limit, loweredAt } = this.#aimd;
    this.#aimd = { limit: Math.min(rule.max, Math.max(rule.min, limit)), loweredAt };
  }

  /** Waits for a turn, no longer than the rule, the deadline and the caller do. */
  async enter(turn: SlotTurn): Promise<Result<Slot, NoTurn>> {
    this.#moveUp();
    if (this.#hasRoom()) return ok(this.#open(this.#hold(turn)));
    if (this.#rule.waitMs === 0 || !this.#makeRoom(turn)) return err(this.#refuse("full"));
    const until = Math.min(this.#now() + this.#rule.waitMs, turn.deadline.at);
    const woken = Promise.withResolvers<void>();
    const waiting: Waiting = { ...turn, seenAt: this.#now(), wake: woken.resolve };
    this.#waiting.push(waiting);
    turn.signal.addEventListener("abort", waiting.wake);
    while (!waiting.end && !turn.signal.aborted && this.#now() < until) {
      await nextChange(woken.promise, Math.min(until - this.#now(), BEAT_MS));
      waiting.seenAt = this.#now();
      this.#moveUp();
    }
    turn.signal.removeEventListener("abort", waiting.wake);
    return this.#leave(waiting);
  }

  #leave(waiting: Waiting): Result<Slot, NoTurn> {
    const { end, signal } = waiting;
    this.#waiting = this.#waiting.filter((each) => each !== waiting);
    if (typeof end !== "object")
      return err(signal.aborted ? { why: "left" } : this.#refuse(end ? "full" : "late"));
    if (!signal.aborted) return ok(this.#open(end));
    this.#release(end, "unknown");
    return err({ why: "left" });
  }

  #hasRoom(): boolean {
    return this.#held.size < this.limit;
  }

  /** Makes place in the line for who comes, where there is none; false where others go before. */
  #makeRoom(turn: SlotTurn): boolean {
    if (this.#waiting.length < LINE_PER_SLOT * this.limit) return true;
    const out = pickOut(this.#waiting, turn);
    if (!out) return false;
    this.#waiting = this.#waiting.filter((each) => each !== out);
    out.end = "out";
    out.wake();
    return true;
  }

  /** Gives free slots to who is next. A request that waits is woken, and goes on by its own clock where it is not. */
  #moveUp(): void {
    const deadBefore = this.#now() - DEAD_AFTER_MS;
    for (const held of this.#held) if (held.seenAt < deadBefore) this.#held.delete(held);
    if (this.#waiting.length === 0) return;
    this.#waiting = this.#waiting.filter(({ seenAt }) => seenAt >= deadBefore);
    while (this.#hasRoom()) {
      const next = pickNext(this.#waiting, this.#countHeld());
      if (!next) return;
      this.#waiting = this.#waiting.filter((each) => each !== next);
      next.end = this.#hold(next);
      next.wake();
    }
  }

  #countHeld(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { tenant } of this.#held) counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
    return counts;
  }

  #hold({ tenant, priority }: Turn): Held {
    const now = this.#now();
    const held = { tenant, priority, startedAt: now, seenAt: now };
    this.#held.add(held);
    return held;
  }

  /** A timer is of the request that sets it: it stops when the platform stops that. */
  #open(held: Held): Slot {
    const beat = setInterval(() => {
      held.seenAt = this.#now();
    }, BEAT_MS);
    return {
      release: (outcome) => {
        clearInterval(beat);
        this.#release(held, outcome);
      },
    };
  }

  #release(held: Held, outcome: CallOutcome): void {
    const wasFull = !this.#hasRoom();
    if (!this.#held.delete(held)) return;
    const { startedAt } = held;
    const endedAt = this.#now();
    if (outcome !== "unknown") this.#time(endedAt - startedAt);
    if (this.#rule.adaptive === true)
      this.#aimd = hearEnd(this.#aimd, this.#rule, { outcome, startedAt, endedAt, wasFull });
    this.#moveUp();
  }

  #time(tookMs: number): void {
    const before = this.#callMs ?? tookMs;
    this.#callMs = before + (tookMs - before) / REMEMBERED;
  }

  #refuse(why: "late" | "full"): NoTurn {
    const { limit } = this;
    const callMs = this.#callMs ?? UNKNOWN_CALL_MS;
    return { why, retryAfterMs: lineMs({ waiting: this.#waiting.length, limit, callMs }) };
  }
}

/** A promise made by a request that was stopped may never settle, so who waits checks again after a while. */
async function nextChange(change: Promise<void>, ms: number): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  await Promise.race([change, over.promise]);
  clearTimeout(timer);
}
