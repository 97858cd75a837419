import * as z from "zod/mini";

const calls = z.int().check(z.minimum(1), z.maximum(10_000));
const shared = {
  /** The most calls at once, of one isolate. */
  max: calls,
  /** How long a call waits for others to end, in milliseconds, before the next target is tried. */
  waitMs: z._default(z.int().check(z.minimum(0), z.maximum(60_000)), 2000),
};

const fixed = z.strictObject({ adaptive: z.optional(z.literal(false)), ...shared });
const adaptive = z
  .strictObject({ adaptive: z.literal(true), min: z._default(calls, 1), ...shared })
  .check(z.refine(({ min, max }) => min <= max, { path: ["min"], message: "expected no more than max" }));

/**
 * How many calls a target gets at once. `adaptive`: more, up to `max`, while it answers, and fewer, down to `min`,
 * when it says that it is asked too much, or does not answer in time.
 */
export const concurrency = z.union([fixed, adaptive]);

export type ConcurrencyRule = z.output<typeof concurrency>;
