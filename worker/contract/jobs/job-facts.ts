import * as z from "zod/mini";
import { priority } from "../priority.ts";
import { TASKS } from "../requests.ts";

/**
 * What never changes about a job after its acceptance, as its object gets and stores it. Bounds were checked
 * when the request came and are not checked here: every row that was written has to be readable.
 */

const count = z.int().check(z.nonnegative());
const maybe = <T extends z.core.SomeType>(schema: T) => z.nullable(schema);

/** What the route and the request decide about a job's life; times in milliseconds. */
const jobPolicy = z.object({
  /** How many times it may be run: runs that were lost count. Null: as often as there is time for. */
  maxAttempts: maybe(count),
  startWithinMs: maybe(count),
  completeWithinMs: count,
  retainMs: count,
  /** What to do when a run was lost and the upstream may have been called. */
  onUnknownOutcome: z.enum(["repeat", "fail"]),
});

export const jobFacts = z.object({
  tenant: z.string(),
  /** Which of the tenant's keys submitted the job; empty in rows from before this field existed. */
  keyId: z._default(z.string(), ""),
  /** The version of the config that accepted it; empty in rows from before this field existed. */
  release: z._default(z.string(), ""),
  task: z.enum(TASKS),
  /** The route's name, as the client asked for it. */
  model: z.string(),
  /** SHA-256 over method, path and the canonical body: tells a repeat from another use of the same key. */
  fingerprint: z.string(),
  priority,
  policy: jobPolicy,
  metadata: z.record(z.string(), z.string()),
  webhook: maybe(z.object({ url: z.string(), events: z.readonly(z.array(z.string())) })),
  retryOf: maybe(z.string()),
  /** The request's own Cache-Control and traceparent, for runs that come later. */
  cacheControl: maybe(z.string()),
  traceparent: maybe(z.string()),
  /** The headers for its providers, by name; none in rows from before this field existed. */
  clientHeaders: z._default(z.record(z.string(), z.string()), {}),
});

export type JobPolicy = z.infer<typeof jobPolicy>;
export type JobFacts = z.infer<typeof jobFacts>;
