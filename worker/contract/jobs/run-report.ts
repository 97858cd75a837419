import * as z from "zod/mini";
import type { Usage } from "../responses.ts";

/**
 * What a run did and used, as its job's object gets and stores it. Times are milliseconds since the epoch. As
 * lenient as the job's facts: usage and costs may be any number.
 */

const time = z.number();
const maybe = <T extends z.core.SomeType>(schema: T) => z.nullable(schema);

/** One call of one target, as the run that made it saw it. */
const attemptReport = z.object({
  /** Null where the run that made the attempt never reported back. */
  target: maybe(z.string()),
  startedAt: time,
  endedAt: time,
  /** The provider's HTTP status, where it gave one. */
  status: maybe(z.int()),
  error: maybe(z.string()),
});

/** A call that a job shared: its id, and how many items it had, each counted as often as it was asked for. */
const windowReference = z.object({ id: z.string(), size: z.int().check(z.nonnegative()) });

/** At most 16 attempts of one run are kept. */
export const runReport = z.object({
  attempts: z.readonly(z.array(attemptReport)),
  usage: maybe(z.custom<Usage>((value) => typeof value === "object" && value !== null)),
  costUsd: maybe(z.custom<number>((value) => typeof value === "number")),
  /** How much less it cost because it did not hurry. */
  savedUsd: z.optional(z.custom<number>((value) => typeof value === "number")),
  /** The last call that was shared with other jobs or requests. */
  window: z.optional(windowReference),
});

export type AttemptReport = z.infer<typeof attemptReport>;
export type WindowReference = z.infer<typeof windowReference>;
export type RunReport = z.infer<typeof runReport>;
