import { ServiceTime } from "./service-time.ts";

/**
 * Decides which waiting requests share an upstream call, and when. Pure: it neither calls nor waits, and time
 * is an argument. The laws:
 * - Greedy: what waits is sent as soon as a slot is free, so a lone request never waits for others, and those
 *   that come while all slots are busy make the next groups. `maxDelayMs` adds a wait on top.
 * - Earliest deadline first. No group exceeds its budgets, except a single entry that does so by itself.
 * - An entry that could not be answered in time is refused on arrival, or given up when its turn comes,
 *   rather than called for in vain.
 * - Every entry leaves exactly once: in a group, as expired, or because its caller left.
 */

export interface WindowPolicy {
  /** The most items in a call. */
  readonly maxItems: number;
  /** The most tokens in a call. */
  readonly maxTokens: number;
  /** Whether each item counts as many tokens as the longest in its call, as where a server pads them. */
  readonly padded: boolean;
  /** How long an entry waits for others though a slot is free, in milliseconds. */
  readonly maxDelayMs: number;
  /** Calls that may run at once. */
  readonly slots: number;
  /** How long a call may take before groups are made smaller, in milliseconds; null: no limit. */
  readonly objectiveMs: number | null;
}

/** One request: items that stay together in one call. Times are milliseconds since the epoch. */
export interface Entry {
  readonly id: string;
  readonly items: number;
  readonly tokens: number;
  /** Tokens of its longest item. */
  readonly longest: number;
  readonly arrivedAt: number;
  readonly deadlineAt: number;
}

export interface Group {
  readonly id: string;
  readonly entries: readonly Entry[];
  readonly items: number;
  readonly startedAt: number;
}

export interface Dispatch {
  readonly groups: readonly Group[];
  /** Entries whose deadline has passed, or will pass before a call with them could end. */
  readonly expired: readonly Entry[];
  /** When to dispatch again even if nothing happens; null where there is no need. */
  readonly wakeAt: number | null;
}

export type CallEnd =
  | "answered"
  /** 429. */
  | "throttled"
  | "timed_out"
  | "failed";

/** Past these, arrivals are refused: memory is bounded (four million tokens are some 16 MB of text). */
export const MAX_WAITING_ITEMS = 20_000;
export const MAX_WAITING_TOKENS = 4_000_000;
/** AIMD, as TCP has it: up by one, down by a tenth (of groups) or by half (of calls at once). */
const CAP_DECREASE = 0.9;
const SLOTS_DECREASE = 0.5;
/** A wait for others ends this long before the last possible moment, in milliseconds: timers may be late. */
const TIMER_SLACK_MS = 5;

export class RequestWindow {
  readonly #policy: WindowPolicy;
  readonly #service = new ServiceTime();
  /** By deadline, earliest first. */
  readonly #waiting: Entry[] = [];
  readonly #flying = new Map<string, Group>();
  #waitingItems = 0;
  #waitingTokens = 0;
  #groups = 0;
  #cap: number;
  #slots: number;

  constructor(policy: WindowPolicy) {
    this.#policy = policy;
    this.#cap = policy.maxItems;
    this.#slots = policy.slots;
  }

  /** Adds an entry, or says why not. */
  arrive(entry: Entry, now: number): "admitted" | "late" | "full" {
    const isFull =
      this.#waitingItems + entry.items > MAX_WAITING_ITEMS ||
      this.#waitingTokens + entry.tokens > MAX_WAITING_TOKENS;
    if (isFull && this.#waiting.length > 0) return "full";
    if (entry.deadlineAt <= now || this.#predictEnd(entry, now) > entry.deadlineAt) return "late";
    this.#insert(entry);
    return "admitted";
  }

  /** Gives an entry that waits a later deadline, and with it a later place. */
  extend(id: string, deadlineAt: number): void {
    const at = this.#waiting.findIndex((entry) => entry.id === id && entry.deadlineAt < deadlineAt);
    for (const entry of at === -1 ? [] : this.#remove(at, 1)) this.#insert({ ...entry, deadlineAt });
  }

  /** Takes an entry out whose caller has left; false where it is not waiting any more. */
  leave(id: string): boolean {
    const at = this.#waiting.findIndex((entry) => entry.id === id);
    if (at === -1) return false;
    this.#remove(at, 1);
    return true;
  }

  /** What is to be called now. Call it after every arrival, leaving and end of a call, and at `wakeAt`. */
  dispatch(now: number): Dispatch {
    const late = this.#waiting.findIndex(({ deadlineAt }) => deadlineAt > now);
    const expired = [...this.#remove(0, late === -1 ? this.#waiting.length : late)];
    const groups: Group[] = [];
    let wakeAt: number | null = null;
    while (this.#flying.size < this.#slotsNow() && this.#waiting.length > 0) {
      const { count, items, full } = this.#fill();
      if (this.#missesFirst(items, now)) {
        expired.push(...this.#remove(0, 1));
        continue;
      }
      wakeAt = full ? null : this.#waitsUntil(count, now);
      if (wakeAt !== null) break;
      groups.push(this.#take(count, now));
    }
    return { groups, expired, wakeAt: wakeAt ?? this.#firstDeadline() };
  }

  /** Frees the slot of a call that has ended, and learns from how it went. */
  settle(groupId: string, end: CallEnd, now: number): void {
    const group = this.#flying.get(groupId);
    if (!group) return;
    this.#flying.delete(groupId);
    const { maxItems, slots, objectiveMs } = this.#policy;
    const tookMs = now - group.startedAt;
    if (end === "answered") this.#service.add(group.items, tookMs);
    const slow = end === "timed_out" || (end === "answered" && objectiveMs !== null && tookMs > objectiveMs);
    // A slow call of few items says nothing about size; counted, it would leave no cap for the next rush.
    if (slow && group.items * 2 > this.#cap) this.#cap = Math.max(1, this.#cap * CAP_DECREASE);
    else if (end === "answered" && group.items >= Math.floor(this.#cap)) {
      this.#cap = Math.min(maxItems, this.#cap + 1);
    }
    if (end === "throttled" || end === "timed_out") this.#slots = Math.max(1, this.#slots * SLOTS_DECREASE);
    else if (end === "answered") this.#slots = Math.min(slots, this.#slots + 1 / this.#slots);
  }

  get waitingItems(): number {
    return this.#waitingItems;
  }

  get calls(): number {
    return this.#flying.size;
  }

  /** How many of the waiting entries, in their order, go into the next call. */
  #fill(): { readonly count: number; readonly items: number; readonly full: boolean } {
    const { maxTokens, padded } = this.#policy;
    const cap = Math.floor(this.#cap);
    let items = 0;
    let tokens = 0;
    let longest = 0;
    for (const [count, entry] of this.#waiting.entries()) {
      const before = items;
      items += entry.items;
      tokens += entry.tokens;
      longest = Math.max(longest, entry.longest);
      const cost = padded ? longest * items : tokens;
      const above = items > cap || cost > maxTokens;
      if (above && count > 0) return { count, items: before, full: true };
      if (above || items === cap) return { count: count + 1, items, full: true };
    }
    return { count: this.#waiting.length, items, full: false };
  }

  /**
   * Whether a call of so many items would miss the first deadline. That entry is given up rather than
   * called for in a smaller group: small calls let the queue grow, which makes the next smaller still (the
   * "early drop" of Nexus, SOSP 2019). The last that waits while nothing runs is tried all the same: only
   * a call can tell that the target has become faster.
   */
  #missesFirst(items: number, now: number): boolean {
    if (this.#flying.size === 0 && this.#waiting.length === 1) return false;
    return now + (this.#service.predict(items) ?? 0) > (this.#waiting[0]?.deadlineAt ?? Infinity);
  }

  /** How long a group that is not full waits for more; null where it waits no longer. */
  #waitsUntil(count: number, now: number): number | null {
    const { maxDelayMs } = this.#policy;
    if (maxDelayMs === 0) return null;
    const entries = this.#waiting.slice(0, count);
    const oldest = entries.reduce((first, { arrivedAt }) => Math.min(first, arrivedAt), Infinity);
    // Entries that come meanwhile may fill the group.
    const longestMs = (this.#service.predict(Math.floor(this.#cap)) ?? 0) + TIMER_SLACK_MS;
    const urgent = (entries[0]?.deadlineAt ?? Infinity) - longestMs;
    const until = Math.min(oldest + maxDelayMs, urgent);
    return until <= now ? null : until;
  }

  #take(count: number, now: number): Group {
    const entries = this.#remove(0, count);
    const items = entries.reduce((sum, entry) => sum + entry.items, 0);
    const group = { id: String(++this.#groups), entries, items, startedAt: now };
    this.#flying.set(group.id, group);
    return group;
  }

  #insert(entry: Entry): void {
    this.#waiting.splice(this.#placeOf(entry.deadlineAt), 0, entry);
    this.#waitingItems += entry.items;
    this.#waitingTokens += entry.tokens;
  }

  #remove(at: number, count: number): readonly Entry[] {
    const removed = this.#waiting.splice(at, count);
    for (const { items, tokens } of removed) {
      this.#waitingItems -= items;
      this.#waitingTokens -= tokens;
    }
    return removed;
  }

  /** Where an entry of this deadline is inserted, after those of the same one; by binary search. */
  #placeOf(deadlineAt: number): number {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#waiting[middle]?.deadlineAt ?? Infinity;
      if (other <= deadlineAt) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * When an entry that came now would have its answer: after the calls that run, and those before it. `now`
   * where too little is known, and where nothing runs or waits: if entries were refused then, no call would
   * ever show that the target has become faster.
   */
  #predictEnd(entry: Entry, now: number): number {
    const cap = Math.max(1, Math.floor(this.#cap));
    const full = this.#service.predict(cap);
    const idle = this.#flying.size === 0 && this.#waiting.length === 0;
    if (full === undefined || idle) return now;
    const itemsAhead = this.#itemsBefore(this.#placeOf(entry.deadlineAt));
    const own = Math.min(Math.max(entry.items, cap), (itemsAhead % cap) + entry.items);
    const callsAhead = Math.floor(itemsAhead / cap);
    const queued = (callsAhead * full) / this.#slotsNow();
    return now + this.#freeIn(now) + queued + (this.#service.predict(own) ?? full);
  }

  #itemsBefore(place: number): number {
    // Deadlines mostly come in their order, and the queue may be long: it is counted from its end.
    let items = this.#waitingItems;
    for (let at = this.#waiting.length - 1; at >= place; at--) items -= this.#waiting[at]?.items ?? 0;
    return items;
  }

  /** How long until a slot is free, by what is known of the calls that run. */
  #freeIn(now: number): number {
    if (this.#flying.size < this.#slotsNow()) return 0;
    let soonest = Infinity;
    for (const { items, startedAt } of this.#flying.values()) {
      soonest = Math.min(soonest, startedAt + (this.#service.predict(items) ?? 0) - now);
    }
    return Math.max(0, soonest);
  }

  #slotsNow(): number {
    return Math.max(1, Math.floor(this.#slots));
  }

  #firstDeadline(): number | null {
    return this.#waiting[0]?.deadlineAt ?? null;
  }
}
