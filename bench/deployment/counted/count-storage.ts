import type { JobState } from "../../../durable-objects/job/job-record.ts";
import { isEnded } from "../../../worker/contract/jobs/job-status.ts";
import { type ObjectTally, type ObjectUse, tally } from "./tally.ts";

/**
 * Counts an object's rows as the platform bills them: each put and delete of a key, each setAlarm, and
 * what SQL says it wrote. What deleteAll is billed as is written nowhere; one for each key is assumed. The
 * alarm of a job in a window is that of its retention, which others set once they have ended. Gives whether the object's job has ended, as far as its own reads and writes have shown.
 */
export function countStorage(storage: DurableObjectStorage, counts: ObjectTally): () => boolean {
  let ended = false;
  let waits = false;
  const look = (value: unknown) => {
    const state = readState(value);
    if (state) ended = isEnded(state);
    if (state) waits = state.status === "queued" && state.seat !== undefined;
    return ended;
  };
  const use = (): ObjectUse => (ended ? counts.afterwards : counts.untilOutcome);
  const write = (rows: number) => void (use().rowsWritten += rows);
  replace(storage, "kv", countKeys(storage.kv, { look, write, use }));
  replace(storage, "sql", countSql(storage.sql, { write, use }));
  const deleteAll = storage.deleteAll.bind(storage);
  for (const name of ["setAlarm", "deleteAlarm"] as const) {
    const own = storage[name].bind(storage) as (...args: unknown[]) => Promise<void>;
    replace(storage, name, (...args: unknown[]) => {
      (waits ? counts.afterwards : use()).rowsWritten += 1;
      return own(...args);
    });
  }
  replace(storage, "deleteAll", () => {
    write([...storage.kv.list()].length);
    tally.forgotten++;
    return deleteAll();
  });
  return () => ended;
}

interface Counters {
  /** Whether the job has ended, seen what has just been read or written. */
  readonly look: (value: unknown) => boolean;
  readonly write: (rows: number) => void;
  readonly use: () => ObjectUse;
}

function countKeys(kv: SyncKvStorage, { look, write, use }: Counters): Partial<SyncKvStorage> {
  return {
    list: () => kv.list(),
    get(key) {
      use().rowsRead++;
      const value: unknown = kv.get(key);
      look(value);
      return value as never;
    },
    put(key, value) {
      write(1);
      kv.put(key, value);
      if (look(value)) tally.outcomes++;
    },
    delete(key) {
      write(1);
      return kv.delete(key);
    },
  };
}

function countSql(sql: SqlStorage, { write, use }: Omit<Counters, "look">): Pick<SqlStorage, "exec"> {
  return {
    exec(query, ...bindings) {
      const cursor = sql.exec(query, ...bindings);
      // All that a statement writes is written when it has begun; what it reads, when its rows are read.
      write(cursor.rowsWritten);
      queueMicrotask(() => void (use().rowsRead += cursor.rowsRead));
      return cursor as never;
    },
  };
}

/** Of a job's row; undefined for any other value. */
const readState = (value: unknown) => (value as { readonly state?: JobState } | undefined)?.state;

const replace = (storage: DurableObjectStorage, name: keyof DurableObjectStorage, value: unknown) =>
  void Object.defineProperty(storage, name, { value, configurable: true });
