import * as z from "zod/mini";

interface Waiting {
  readonly maxItems: number;
  readonly maxDelayMs: number;
  readonly longestDelayMs: number;
}

/** What windows of requests and of jobs have in common; the numbers are of one window (docs/windows.md). */
const windowFields = ({ maxItems, maxDelayMs, longestDelayMs }: Waiting) => ({
  /** The most items in a call. */
  maxItems: z._default(z.int().check(z.minimum(2), z.maximum(2048)), maxItems),
  /** The most tokens in a call, as far as the texts' length tells them. */
  maxTokens: z._default(z.int().check(z.minimum(1), z.maximum(10_000_000)), 100_000),
  /** Where the server pads: each item then counts as the longest beside it. */
  padded: z._default(z.boolean(), false),
  /** How long a request or job waits for others although it could be sent; a full call is sent at once. */
  maxDelayMs: z._default(z.int().check(z.minimum(0), z.maximum(longestDelayMs)), maxDelayMs),
  /**
   * How many windows side by side, for routes of more than 500 requests a second on a continent, or 300 jobs.
   */
  shards: z._default(z.int().check(z.minimum(1), z.maximum(64)), 1),
  /** Who may share a call: requests of one tenant, or of all. */
  share: z._default(z.enum(["tenant", "all"]), "tenant"),
});

/** How requests of a route share calls. By default no request waits while a slot is free. */
export const requestWindow = z.strictObject({
  ...windowFields({ maxItems: 32, maxDelayMs: 0, longestDelayMs: 60_000 }),
  /** Calls that run at once; fewer while the provider throttles. The platform lets six wait for headers. */
  slots: z._default(z.int().check(z.minimum(1), z.maximum(6)), 2),
  /** A call that takes longer makes the next ones smaller. */
  objectiveMs: z.optional(z.int().check(z.minimum(1), z.maximum(900_000))),
});

/** How jobs of a route share calls. */
export const jobWindow = z.strictObject(
  windowFields({ maxItems: 64, maxDelayMs: 1000, longestDelayMs: 3_600_000 }),
);

export type RequestWindowConfig = z.output<typeof requestWindow>;
export type JobWindowConfig = z.output<typeof jobWindow>;
