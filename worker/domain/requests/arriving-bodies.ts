/** What bodies that still arrive may hold of an isolate's 128 MB before those that stand still have to give way. */
const MAX_ARRIVING_BYTES = 32 * 1024 * 1024;
/** For how long a body has brought less than a step when it stands still. */
const STILL_MS = 1000;
const STEP_BYTES = 64 * 1024;
/** No request takes longer: a body that was left by a request that the platform has stopped. */
const LOST_MS = 900_000;

/** The account of a body that arrives. */
export interface ArrivingBody {
  /** So many bytes more are held. */
  grow(bytes: number): void;
  /** It has arrived, or was given up. */
  close(): void;
}

interface Entry {
  readonly tenant: string;
  readonly giveWay: () => void;
  bytes: number;
  /** What of them came since its last step. */
  sinceStep: number;
  steppedAt: number;
}

/**
 * What one isolate holds of bodies that have not come whole: those of requests; and, in another account, of answers
 * that are read whole, for which the URL that is called is the tenant. Past its limit, bodies of the tenant that
 * holds most give way, the one first that has stood still longest, and small ones last, which free little; past twice
 * the limit those that move as well. A body that is the only one is bounded by its own limit alone.
 */
export class ArrivingBodies {
  readonly #now: () => number;
  readonly #limit: number;
  /** Those that made their last step first come first. */
  readonly #entries = new Set<Entry>();
  readonly #byTenant = new Map<string, number>();
  #total = 0;

  constructor(now: () => number, limit = MAX_ARRIVING_BYTES) {
    this.#now = now;
    this.#limit = limit;
  }

  /** How many bytes are held. */
  get total(): number {
    return this.#total;
  }

  /** Opens the account of a body; it has to be closed. `giveWay` is called at most once, and has closed it. */
  open(tenant: string, giveWay: () => void): ArrivingBody {
    const entry: Entry = { tenant, giveWay, bytes: 0, sinceStep: 0, steppedAt: this.#now() };
    this.#entries.add(entry);
    return { grow: (bytes) => this.#grow(entry, bytes), close: () => this.#close(entry) };
  }

  #grow(entry: Entry, bytes: number): void {
    if (!this.#entries.has(entry)) return;
    entry.bytes += bytes;
    entry.sinceStep += bytes;
    this.#add(entry.tenant, bytes);
    if (entry.sinceStep >= STEP_BYTES) this.#step(entry);
    for (let next = this.#findNext(); next; next = this.#findNext()) {
      this.#close(next);
      next.giveWay();
    }
  }

  #step(entry: Entry): void {
    entry.sinceStep = 0;
    entry.steppedAt = this.#now();
    this.#entries.delete(entry);
    this.#entries.add(entry);
  }

  /** Finds the one that has to give way, if any has to. */
  #findNext(): Entry | undefined {
    if (this.#total <= this.#limit || this.#entries.size < 2) return undefined;
    const [stillest] = this.#entries;
    if (stillest && this.#now() - stillest.steppedAt > LOST_MS) return stillest;
    const entry = this.#findStillest();
    const isStill = entry && this.#now() - entry.steppedAt >= STILL_MS;
    return isStill || this.#total > 2 * this.#limit ? entry : undefined;
  }

  /** Of the tenant that holds most, the one that has stood still longest; a small one where there is no other. */
  #findStillest(): Entry | undefined {
    const most = Math.max(...this.#byTenant.values());
    let small: Entry | undefined;
    for (const entry of this.#entries) {
      if (this.#byTenant.get(entry.tenant) !== most) continue;
      if (entry.bytes >= STEP_BYTES) return entry;
      small ??= entry;
    }
    return small;
  }

  #close(entry: Entry): void {
    if (!this.#entries.delete(entry)) return;
    this.#add(entry.tenant, -entry.bytes);
  }

  #add(tenant: string, bytes: number): void {
    this.#total += bytes;
    const held = (this.#byTenant.get(tenant) ?? 0) + bytes;
    if (held > 0) this.#byTenant.set(tenant, held);
    else this.#byTenant.delete(tenant);
  }
}
