import type { WindowSpec } from "../../worker/domain/windows/request-window-protocol.ts";
import {
  arrivalsSchema,
  headSchema,
  type StoredEntry,
  type StoredWindow,
  VERSION,
  type WindowHead,
} from "./job-window-record.ts";

/**
 * Where a window of jobs lies: a row for each arrivals of jobs that came together, and one for the rest. A row
 * whose jobs are all done with is written over by the next arrivals, for to delete it would be billed as one
 * more row written. Rows are keys of the object's key-value table; storage is the truth.
 */

const HEAD = "head";
const ARRIVALS = "group:";

/** The part of the platform's storage that a window uses, all of it synchronous. */
interface RowStorage {
  readonly kv: {
    get(key: string): unknown;
    list(): Iterable<[string, unknown]>;
    put(key: string, value: unknown): void;
  };
}

interface LoadedWindow extends StoredWindow {
  /** Undefined where no job has ever come. */
  readonly spec: WindowSpec | undefined;
}

/** Well below the platform's 2 MB a row; the texts are counted in characters. */
const MAX_ROW_CHARS = 400_000;

export class JobWindowStore {
  readonly #storage: RowStorage;
  /** The jobs in each arrivals's row. */
  #rows = new Map<number, readonly number[]>();

  constructor(storage: RowStorage) {
    this.#storage = storage;
  }

  /** All that is stored. Throws on a row that cannot be read: that is a bug, and nothing is deleted. */
  load(): LoadedWindow {
    const head = this.#storage.kv.get(HEAD);
    this.#rows = new Map();
    const entries: StoredEntry[] = [];
    let spec: WindowSpec | undefined;
    for (const [key, value] of this.#storage.kv.list()) {
      if (!key.startsWith(ARRIVALS)) continue;
      const arrivals = arrivalsSchema.parse(value);
      this.#rows.set(
        Number(key.slice(ARRIVALS.length)),
        arrivals.entries.map(({ seq }) => seq),
      );
      entries.push(...arrivals.entries);
      spec = arrivals.spec;
    }
    return { spec, head: head === undefined ? undefined : headSchema.parse(head), entries };
  }

  /** Writes jobs that came together, in as few rows as they fit. Call it in a transaction. */
  addArrivals(spec: WindowSpec, entries: readonly StoredEntry[], isLive: (seq: number) => boolean): void {
    for (const part of divide(entries)) {
      const seqs = part.map(({ seq }) => seq);
      const place = this.#findPlace(isLive);
      this.#storage.kv.put(ARRIVALS + place, { version: VERSION, spec, entries: part });
      this.#rows.set(place, seqs);
    }
  }

  /** Writes all but the jobs. */
  saveHead(head: WindowHead): void {
    this.#storage.kv.put(HEAD, { version: VERSION, ...head });
  }

  #findPlace(isLive: (seq: number) => boolean): number {
    for (const [place, seqs] of this.#rows) if (!seqs.some(isLive)) return place;
    return this.#rows.size;
  }
}

function divide(entries: readonly StoredEntry[]): StoredEntry[][] {
  const parts: StoredEntry[][] = [];
  let chars = Infinity;
  for (const entry of entries) {
    const size = entry.request.length + JSON.stringify(entry.metadata).length;
    if (chars + size > MAX_ROW_CHARS) {
      parts.push([]);
      chars = 0;
    }
    chars += size;
    parts.at(-1)?.push(entry);
  }
  return parts;
}
