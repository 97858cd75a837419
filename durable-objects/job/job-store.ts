import * as z from "zod/mini";
import { newestOf, upgradeRow } from "../upgrade-row.ts";
import { JOB_MIGRATIONS } from "./job-migrations.ts";
import { type JobState, jobStateSchema } from "./job-record.ts";

/**
 * How a job is stored: one row for the state and small bodies, and rows with pieces of larger bodies. Rows
 * are keys of the object's key-value table: an object is for one job, and creating a table in each would be
 * billed as two more rows written for each job (half of what a job writes). What is kept in memory is a copy.
 */

/** A row takes 2 MB; the rest is for the state, whose attempts and metadata are bounded. */
const INLINE_BYTES = 1_800_000;
const PIECE_BYTES = 1_900_000;
const ROW = "job";

type BodyName = "request" | "output";

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const bodySchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("inline"), bytes }),
  z.object({ kind: z.literal("pieces"), count: z.int(), sizeBytes: z.int() }),
]);
const rowSchema = z.object({
  version: z.int(),
  state: jobStateSchema,
  bodies: z.object({ request: z.optional(bodySchema), output: z.optional(bodySchema) }),
});

type Row = z.infer<typeof rowSchema>;
type Body = z.infer<typeof bodySchema>;
/** The part of the platform's storage that a job uses, all of it synchronous. */
interface RowStorage {
  readonly kv: {
    get(key: string): unknown;
    put(key: string, value: unknown): void;
    delete(key: string): boolean;
  };
}

export class JobStore {
  readonly #storage: RowStorage;
  #row: Row | null | undefined;

  constructor(storage: RowStorage) {
    this.#storage = storage;
  }

  /** The state as stored. Throws on a row that cannot be read: that is a bug, and nothing is deleted. */
  load(): JobState {
    return this.#read()?.state ?? { status: "absent" };
  }

  /** Writes state and new bodies: one row, and one for each piece of a large body. Call it in a transaction. */
  save(state: JobState, bodies: Partial<Record<BodyName, Uint8Array>>): void {
    const old = this.#read()?.bodies ?? {};
    const accepted = bodies.request !== undefined;
    if (accepted) this.#dropPieces(old);
    const kept = { ...(accepted ? {} : old) };
    for (const name of ["request", "output"] as const) {
      const body = bodies[name];
      if (body) kept[name] = this.#place(name, body, kept);
    }
    const row = { version: newestOf(JOB_MIGRATIONS), state, bodies: kept };
    this.#storage.kv.put(ROW, row);
    this.#row = row;
  }

  /** A body's bytes; undefined where there is none. */
  readBody(name: BodyName): Uint8Array | undefined {
    const body = this.#read()?.bodies[name];
    if (body?.kind !== "pieces") return body?.bytes;
    const whole = new Uint8Array(body.sizeBytes);
    for (let piece = 0; piece < body.count; piece++) {
      whole.set(bytesOf(this.#storage.kv.get(`${name}:${piece}`)), piece * PIECE_BYTES);
    }
    return whole;
  }

  /** Drops the copy in memory, as an eviction would: after storage was emptied, or a write was undone. */
  forget(): void {
    this.#row = undefined;
  }

  #read(): Row | null {
    if (this.#row !== undefined) return this.#row;
    const stored = this.#storage.kv.get(ROW);
    this.#row = stored === undefined ? null : rowSchema.parse(upgradeRow(stored, JOB_MIGRATIONS));
    return this.#row;
  }

  #place(name: BodyName, body: Uint8Array, kept: Row["bodies"]): Body {
    const inline = Object.values(kept).reduce(
      (sum, each) => sum + (each?.kind === "inline" ? each.bytes.byteLength : 0),
      0,
    );
    if (inline + body.byteLength <= INLINE_BYTES) return { kind: "inline", bytes: withoutRest(body) };
    const count = Math.ceil(body.byteLength / PIECE_BYTES);
    for (let piece = 0; piece < count; piece++) {
      this.#storage.kv.put(`${name}:${piece}`, body.slice(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES));
    }
    return { kind: "pieces", count, sizeBytes: body.byteLength };
  }

  #dropPieces(bodies: Row["bodies"]): void {
    for (const [name, body] of Object.entries(bodies)) {
      const count = body?.kind === "pieces" ? body.count : 0;
      for (let piece = 0; piece < count; piece++) this.#storage.kv.delete(`${name}:${piece}`);
    }
  }
}

/** A view may be of a larger buffer, all of which would be stored. */
const withoutRest = (body: Uint8Array): Uint8Array =>
  body.byteLength === body.buffer.byteLength ? body : body.slice();

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new Error("a piece of a job's body is missing");
}
