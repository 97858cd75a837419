/** An isolate has 128 MB; what is copied on its way out of here comes on top. */
const MAX_HELD_BYTES = 32 * 1024 * 1024;
/** What nobody has read from or added to for so long is asked to let go. */
const STALLED_MS = 30_000;
/** No answer takes longer: what has not changed for so long was left by requests that the platform has stopped. */
const LOST_MS = 900_000;
/** All that is held is looked through no more often than this. */
const RECLAIM_MS = 1000;

/**
 * What one isolate holds of answers on their way: for requests that share a call, for the cache, for jobs, and for
 * those who follow a job. Past its limit, what stands still is let go first; then tenants that hold more than an
 * equal share have to give way. As each may grow to its share, all hold less than twice the limit together.
 */
export class HeldBytes {
  readonly #now: () => number;
  readonly #limit: number;
  readonly #holds = new Set<Hold>();
  readonly #byTenant = new Map<string, number>();
  #total = 0;
  #reclaimedAt = -Infinity;

  constructor(now: () => number, limit = MAX_HELD_BYTES) {
    this.#now = now;
    this.#limit = limit;
  }

  /** How many bytes are held. */
  get total(): number {
    return this.#total;
  }

  /**
   * Opens the account of one thing that holds bytes; it has to be closed. `letGo` is called where it has stood
   * still, and bytes are needed.
   */
  open(tenant: string, letGo: () => void = () => {}): Hold {
    const hold: Hold = new Hold({
      add: (bytes) => this.#add(tenant, bytes),
      isOver: () => this.#isOver(tenant),
      letGo,
      onClose: () => void this.#holds.delete(hold),
    });
    this.#holds.add(hold);
    return hold;
  }

  /** Gives the time. */
  #add(tenant: string, bytes: number): number {
    this.#total += bytes;
    const held = (this.#byTenant.get(tenant) ?? 0) + bytes;
    if (held > 0) this.#byTenant.set(tenant, held);
    else this.#byTenant.delete(tenant);
    return this.#now();
  }

  #isOver(tenant: string): boolean {
    if (this.#total <= this.#limit) return false;
    this.#reclaim();
    const held = this.#byTenant.get(tenant) ?? 0;
    return this.#total > this.#limit && held > this.#limit / this.#byTenant.size;
  }

  #reclaim(): void {
    const now = this.#now();
    if (now - this.#reclaimedAt < RECLAIM_MS) return;
    this.#reclaimedAt = now;
    for (const hold of this.#holds) {
      const stillMs = now - hold.changedAt;
      if (stillMs > STALLED_MS) hold.letGo();
      if (stillMs > LOST_MS) hold.close();
    }
  }
}

interface Account {
  readonly add: (bytes: number) => number;
  readonly isOver: () => boolean;
  readonly letGo: () => void;
  readonly onClose: () => void;
}

/** The bytes that one thing holds. */
export class Hold {
  readonly #account: Account;
  #bytes = 0;
  #isClosed = false;
  /** When it last grew or shrank, in milliseconds since the epoch. */
  changedAt: number;

  constructor(account: Account) {
    this.#account = account;
    this.changedAt = account.add(0);
  }

  /** Whether it has to give way: nothing is to be added until it no longer has to. */
  get isOver(): boolean {
    return !this.#isClosed && this.#account.isOver();
  }

  /** So many bytes more are held, or fewer where the number is negative. */
  grow(bytes: number): void {
    if (this.#isClosed) return;
    this.#bytes += bytes;
    this.changedAt = this.#account.add(bytes);
  }

  letGo(): void {
    this.#account.letGo();
  }

  /** Nothing is held any more. */
  close(): void {
    this.grow(-this.#bytes);
    this.#isClosed = true;
    this.#account.onClose();
  }
}
