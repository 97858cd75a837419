import type { WindowSpec } from "../../worker/domain/windows/request-window-protocol.ts";
import {
  groupSchema,
  headSchema,
  type StoredEntry,
  type StoredWindow,
  VERSION,
  type WindowHead,
} from "./job-window-record.ts";

/**
 * Where a window of jobs lies: a row for each group of jobs that came together, and one for the rest. A row
 * whose jobs are all done with is written over by the next group, for to delete it would be billed as one
 * more row written. Rows are keys of the object's key-value table; storage is the truth.
 */

const HEAD = "head";
const GROUP = "group:";

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
const MAX_GROUP_CHARS = 400_000;

export class JobWindowStore {
  readonly #storage: RowStorage;
  /** The jobs in each group's row. */
  #groups = new Map<number, readonly number[]>();

  constructor(storage: RowStorage) {
    this.#storage = storage;
  }

  /** All that is stored. Throws on a row that cannot be read: that is a bug, and nothing is deleted. */
  load(): LoadedWindow {
    const head = this.#storage.kv.get(HEAD);
    this.#groups = new Map();
    const entries: StoredEntry[] = [];
    let spec: WindowSpec | undefined;
    for (const [key, value] of this.#storage.kv.list()) {
      if (!key.startsWith(GROUP)) continue;
      const group = groupSchema.parse(value);
      this.#groups.set(
        Number(key.slice(GROUP.length)),
        group.entries.map(({ seq }) => seq),
      );
      entries.push(...group.entries);
      spec = group.spec;
    }
    return { spec, head: head === undefined ? undefined : headSchema.parse(head), entries };
  }

  /** Writes jobs that came together, in as few rows as they fit. Call it in a transaction. */
  addGroup(spec: WindowSpec, entries: readonly StoredEntry[], isLive: (seq: number) => boolean): void {
    for (const part of divide(entries)) {
      const seqs = part.map(({ seq }) => seq);
      const place = this.#findPlace(isLive);
      this.#storage.kv.put(GROUP + place, { version: VERSION, spec, entries: part });
      this.#groups.set(place, seqs);
    }
  }

  /** Writes all but the jobs. */
  saveHead(head: WindowHead): void {
    this.#storage.kv.put(HEAD, { version: VERSION, ...head });
  }

  #findPlace(isLive: (seq: number) => boolean): number {
    for (const [place, seqs] of this.#groups) if (!seqs.some(isLive)) return place;
    return this.#groups.size;
  }
}

function divide(entries: readonly StoredEntry[]): StoredEntry[][] {
  const parts: StoredEntry[][] = [];
  let chars = Infinity;
  for (const entry of entries) {
    const size = entry.request.length + JSON.stringify(entry.metadata).length;
    if (chars + size > MAX_GROUP_CHARS) {
      parts.push([]);
      chars = 0;
    }
    chars += size;
    parts.at(-1)?.push(entry);
  }
  return parts;
}
