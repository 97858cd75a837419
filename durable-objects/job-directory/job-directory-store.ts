import type { EntryRow } from "../../worker/domain/jobs/job-directory-protocol.ts";
import type { JobPosition } from "../../worker/domain/jobs/job-entry.ts";

/**
 * How a directory's entries are stored: one table in the order of lists. Rows are what the platform bills, and
 * without rowid or index an entry is one row in each write, deletes included. A step of the migrations
 * that has shipped is never changed.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE entries (
     created_at INTEGER NOT NULL,
     id TEXT NOT NULL,
     version INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     status TEXT NOT NULL,
     model TEXT NOT NULL,
     summary TEXT,
     PRIMARY KEY (created_at, id)
   ) STRICT, WITHOUT ROWID`,
];

const SCHEMA = "schema";

const STATEMENTS = {
  version: "SELECT version FROM entries WHERE created_at = ? AND id = ?",
  oldest: "SELECT created_at, id, expires_at FROM entries ORDER BY created_at, id LIMIT 1",
  insert:
    "INSERT INTO entries (created_at, id, version, expires_at, status, model, summary) " +
    "VALUES (?, ?, ?, ?, ?, ?, ?)",
  replace:
    "UPDATE entries SET created_at = ?, id = ?, version = ?, expires_at = ?, status = ?, model = ?, " +
    "summary = ? WHERE created_at = ? AND id = ?",
  delete: "DELETE FROM entries WHERE created_at = ? AND id = ?",
  newestFirst:
    "SELECT created_at, id, version, expires_at, status, model, summary FROM entries " +
    "WHERE (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC",
  oldestFirst:
    "SELECT created_at, id, expires_at FROM entries " +
    "WHERE (created_at, id) > (?, ?) ORDER BY created_at, id",
} as const;

/** Before and after every position there can be. */
const FIRST: JobPosition = { createdAt: -1, id: "" };
const LAST: JobPosition = { createdAt: Number.MAX_SAFE_INTEGER, id: "" };

/** The table is STRICT, so what comes out is what its columns say. */
interface PlaceRow extends Record<string, SqlStorageValue> {
  created_at: number;
  id: string;
  expires_at: number;
}
interface StoredRow extends PlaceRow {
  version: number;
  status: string;
  model: string;
  summary: string | null;
}

type Place = JobPosition & Pick<EntryRow, "expiresAt">;

/** The part of the platform's storage that a directory uses, all of it synchronous. */
type DirectoryStorage = Pick<DurableObjectStorage, "kv" | "sql" | "transactionSync">;

/** Reads and writes the table; only its schema's version is kept in memory. */
export class JobDirectoryStore {
  readonly #storage: DirectoryStorage;
  /** How many migrations the table has been through; 0 where there is none yet. */
  #schema: number | undefined;

  constructor(storage: DirectoryStorage) {
    this.#storage = storage;
  }

  /**
   * Brings the table to its newest form. Called before the first write, so that reading alone stores nothing.
   */
  migrate(): void {
    const done = this.#readSchema();
    if (done === MIGRATIONS.length) return;
    this.#storage.transactionSync(() => {
      for (const step of MIGRATIONS.slice(done)) this.#storage.sql.exec(step);
      this.#storage.kv.put(SCHEMA, MIGRATIONS.length);
    });
    this.#schema = MIGRATIONS.length;
  }

  findVersion({ createdAt, id }: JobPosition): number | undefined {
    const [row] = this.#storage.sql.exec<{ version: number }>(STATEMENTS.version, createdAt, id);
    return row?.version;
  }

  findOldest(): Place | undefined {
    const [row] = this.#storage.sql.exec<PlaceRow>(STATEMENTS.oldest);
    return row && readPlace(row);
  }

  /** Gives the number of rows written, as the platform bills them. */
  insert(row: EntryRow): number {
    return this.#storage.sql.exec(STATEMENTS.insert, ...valuesOf(row)).rowsWritten;
  }

  /** Writes a row over the one at that position: one row, even where its key is another. */
  replace(at: JobPosition, row: EntryRow): number {
    return this.#storage.sql.exec(STATEMENTS.replace, ...valuesOf(row), at.createdAt, at.id).rowsWritten;
  }

  delete({ createdAt, id }: JobPosition): number {
    return this.#storage.sql.exec(STATEMENTS.delete, createdAt, id).rowsWritten;
  }

  /** Read as they are taken: nothing may be written meanwhile. */
  *newestFirst(after: JobPosition | null): Iterable<EntryRow> {
    if (!this.#hasTable()) return;
    const { createdAt, id } = after ?? LAST;
    for (const row of this.#storage.sql.exec<StoredRow>(STATEMENTS.newestFirst, createdAt, id)) {
      const { version, status, model, summary } = row;
      yield { ...readPlace(row), version, status, model, summary };
    }
  }

  *oldestFirst(after: JobPosition | null): Iterable<Place> {
    if (!this.#hasTable()) return;
    const { createdAt, id } = after ?? FIRST;
    for (const row of this.#storage.sql.exec<PlaceRow>(STATEMENTS.oldestFirst, createdAt, id)) {
      yield readPlace(row);
    }
  }

  #hasTable(): boolean {
    if (this.#readSchema() === 0) return false;
    this.migrate();
    return true;
  }

  /** Throws where a later deployment has changed the table: one that was rolled back must not touch it. */
  #readSchema(): number {
    const stored = this.#schema ?? this.#storage.kv.get(SCHEMA) ?? 0;
    if (typeof stored !== "number" || stored > MIGRATIONS.length) {
      throw new Error(`the directory's schema is ${String(stored)}; this deploy knows ${MIGRATIONS.length}`);
    }
    this.#schema = stored;
    return stored;
  }
}

const readPlace = ({ created_at: createdAt, id, expires_at: expiresAt }: PlaceRow): Place => ({
  createdAt,
  id,
  expiresAt,
});

const valuesOf = ({ createdAt, id, version, expiresAt, status, model, summary }: EntryRow) => [
  createdAt,
  id,
  version,
  expiresAt,
  status,
  model,
  summary,
];
