import * as z from "zod/mini";
import { WINDOW_FIELDS, type WindowTask } from "../../worker/domain/windows/window-items.ts";

/** What a window of jobs holds, as it is stored. Times are milliseconds since the epoch. */
const time = z.number();
const count = z.int().check(z.nonnegative());

/** A job, with its number in the window. */
const entrySchema = z.object({
  seq: count,
  addedAt: time,
  id: z.string(),
  job: z.string(),
  createdAt: time,
  tenant: z.string(),
  /** Absent in rows that were written before entries had it. */
  keyId: z._default(z.string(), ""),
  request: z.string(),
  cacheControl: z.nullable(z.string()),
  metadata: z.record(z.string(), z.string()),
  items: count,
  tokens: count,
  longest: count,
  sendBy: time,
  completeBy: time,
});

/** Jobs that are run together. */
const openGroupSchema = z.object({
  id: z.string(),
  seqs: z.array(count),
  /** How many runs have begun. */
  runs: count,
  /** How many of them made no call. */
  postponed: count,
  /** The run before, where it has not been reported. */
  lostRun: z.nullable(z.object({ startedAt: time })),
  phase: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("leased"), leasedAt: time, leaseUntil: time }),
    z.object({ kind: z.literal("waiting"), notBefore: time }),
  ]),
});

/** Jobs that came together, with what the calls of all the window's jobs have in common. */
export const arrivalsSchema = z.object({
  version: count,
  spec: z.object({
    route: z.string(),
    target: z.string(),
    task: z.enum(Object.keys(WINDOW_FIELDS) as [WindowTask, ...WindowTask[]]),
    priority: z.optional(z.literal("economy")),
    parameters: z.record(z.string(), z.unknown()),
  }),
  entries: z.array(entrySchema),
});

/** All that is not a job. Jobs below `next` that are named neither here nor in a group are done with. */
export const headSchema = z.object({
  version: count,
  born: time,
  next: count,
  waiting: z.array(count),
  groups: z.array(openGroupSchema),
});

export type StoredEntry = z.infer<typeof entrySchema>;
export type OpenGroup = z.infer<typeof openGroupSchema>;
export type WindowHead = Omit<z.infer<typeof headSchema>, "version">;

export interface StoredWindow {
  /** Undefined where no group has ever been claimed. */
  readonly head: WindowHead | undefined;
  readonly entries: readonly StoredEntry[];
}
