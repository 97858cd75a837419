import type { StoredEntry } from "./job-window-record.ts";

/**
 * The most jobs and characters held: they are in memory, and a group is sent in one piece when it is claimed.
 */
const MAX_HELD = 20_000;
const MAX_HELD_CHARS = 16_000_000;

/** The jobs that a window holds, by their numbers and by their ids; bounded. */
export class HeldEntries {
  readonly #entries = new Map<number, StoredEntry>();
  readonly #seqs = new Map<string, number>();
  #chars = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** Whether there is room for one more. */
  takes({ request }: Pick<StoredEntry, "request">): boolean {
    return this.#entries.size < MAX_HELD && this.#chars + request.length <= MAX_HELD_CHARS;
  }

  hold(entry: StoredEntry): void {
    this.#entries.set(entry.seq, entry);
    this.#seqs.set(entry.id, entry.seq);
    this.#chars += entry.request.length;
  }

  drop(seq: number): void {
    const entry = this.#entries.get(seq);
    if (!entry) return;
    this.#entries.delete(seq);
    this.#seqs.delete(entry.id);
    this.#chars -= entry.request.length;
  }

  has(seq: number): boolean {
    return this.#entries.has(seq);
  }

  /** The number of a job that is held. */
  find(id: string): number | undefined {
    return this.#seqs.get(id);
  }

  /** Those of the numbers that are held, in their order. */
  list(seqs: readonly number[]): readonly StoredEntry[] {
    return seqs.flatMap((seq) => this.#entries.get(seq) ?? []);
  }

  numbers(): readonly number[] {
    return [...this.#entries.keys()];
  }
}
