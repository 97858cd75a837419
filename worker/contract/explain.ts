import * as z from "zod/mini";
import { jobMetadata } from "./jobs/job-metadata.ts";
import { priority } from "./priority.ts";
import { TASKS } from "./requests.ts";

/**
 * The body of `POST /v1/explain` where it names the task, as that of a job does, whose other fields it may have;
 * `input` is checked against its task's own schema afterwards.
 */
export const explainRequest = z.looseObject({
  task: z.optional(z.enum(TASKS)),
  input: z.looseObject({ model: z.optional(z.string().check(z.minLength(1), z.maxLength(256))) }),
  priority: z.optional(priority),
  metadata: z.optional(jobMetadata),
});

const health = z.object({
  /** `open`: it keeps failing, and is passed over where another target can be called. */
  breaker: z.enum(["closed", "open"]),
  retry_after_ms: z.nullable(z.number()),
  /** How long it takes, to the first token of a stream or to a whole answer; null where nothing is known. */
  latency: z.nullable(z.object({ average_ms: z.number(), p95_ms: z.number(), samples: z.number() })),
});

const target = z.object({
  target: z.string(),
  provider: z.string(),
  model: z.string(),
  /** Of the input and of an answer as long as most are; null where the price is unknown. */
  estimated_cost_usd: z.nullable(z.number()),
  /** In tokens; null where it is unknown. */
  context_window: z.nullable(z.int()),
  health,
});

/** What would be done with a request, and why. */
export const explainedPlan = z.object({
  object: z.literal("plan"),
  task: z.enum(TASKS),
  route: z.string(),
  strategy: z.string(),
  /** The config that decides, as `x-headrace-config`. */
  release: z.string(),
  /** Of the input, by an estimate. */
  input_tokens: z.int(),
  /** Whether an answer is looked for in the cache, and would be kept there. */
  cache: z.object({ lookup: z.boolean(), store: z.boolean() }),
  /** In the order in which they would be tried. */
  targets: z.array(target),
  /** Those left out, and why. The operator's key is shown the condition that is not true. */
  skipped: z.array(z.object({ target: z.string(), why: z.string(), condition: z.optional(z.string()) })),
  /** What to set to have the route's other targets. */
  missing: z.array(z.string()),
  /** How the request would be refused; null where there is a target to try. */
  refusal: z.nullable(z.object({ code: z.string(), message: z.string() })),
});

export type ExplainRequest = z.input<typeof explainRequest>;
export type ExplainedPlan = z.infer<typeof explainedPlan>;
