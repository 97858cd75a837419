import type { WindowSpec } from "../../worker/domain/windows/request-window-protocol.ts";
import { newestOf, upgradeRow } from "../upgrade-row.ts";
import { JOB_WINDOW_MIGRATIONS } from "./job-window-migrations.ts";
import {
  arrivalsSchema,
  headSchema,
  type StoredEntry,
  type StoredWindow,
  type WindowHead,
} from "./job-window-record.ts";

/**
 * How a window of jobs is stored: one row for the head, and rows of arrivals, each with jobs that came
 * together. A row whose jobs are all done is written over by later arrivals, for deleting it would be billed
 * as one more row written. Rows are keys of the object's key-value table.
 */

const HEAD = "head";
/** The prefix of the keys of arrivals. In the first version it was `group:`; such rows keep their keys. */
const ARRIVALS = "arrivals:";
const VERSION = newestOf(JOB_WINDOW_MIGRATIONS);

/** The part of the platform's storage that a window uses, all of it synchronous. */
interface RowStorage {
  readonly kv: {
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
  /** The numbers of the jobs in each row of arrivals, by its key. */
  #rows = new Map<string, readonly number[]>();

  constructor(storage: RowStorage) {
    this.#storage = storage;
  }

  /** All that is stored. Throws on a row that cannot be read: that is a bug, and nothing is deleted. */
  load(): LoadedWindow {
    this.#rows = new Map();
    const entries: StoredEntry[] = [];
    let head: WindowHead | undefined;
    let spec: WindowSpec | undefined;
    for (const [key, value] of this.#storage.kv.list()) {
      const row = upgradeRow(value, JOB_WINDOW_MIGRATIONS);
      if (key === HEAD) {
        head = headSchema.parse(row);
        continue;
      }
      const arrivals = arrivalsSchema.parse(row);
      this.#rows.set(
        key,
        arrivals.entries.map(({ seq }) => seq),
      );
      entries.push(...arrivals.entries);
      spec = arrivals.spec;
    }
    return { spec, head, entries };
  }

  /** Writes jobs that came together, in as few rows as they fit. Call it in a transaction. */
  addArrivals(spec: WindowSpec, entries: readonly StoredEntry[], isLive: (seq: number) => boolean): void {
    for (const part of divide(entries)) {
      const seqs = part.map(({ seq }) => seq);
      const key = this.#findKey(isLive);
      this.#storage.kv.put(key, { version: VERSION, spec, entries: part });
      this.#rows.set(key, seqs);
    }
  }

  /** Writes all but the jobs. */
  saveHead(head: WindowHead): void {
    this.#storage.kv.put(HEAD, { version: VERSION, ...head });
  }

  /** The key of a row whose jobs are all done, or a new key. */
  #findKey(isLive: (seq: number) => boolean): string {
    for (const [key, seqs] of this.#rows) if (!seqs.some(isLive)) return key;
    return `${ARRIVALS}${this.#rows.size}`;
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
