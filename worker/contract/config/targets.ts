import * as z from "zod/mini";
import { priority } from "../priority.ts";
import { concurrency } from "./concurrency.ts";
import { name } from "./references.ts";

const usd = z.number().check(z.nonnegative());
const time = z.string().check(z.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "write it as 22:00"));
const weight = z._default(z.number().check(z.nonnegative(), z.maximum(1_000_000)), 1);

const MAX_CONDITION_LENGTH = 1000;
/** A condition in the Common Expression Language on the request; `domain/routing/condition.ts` reads it. */
export const condition = z.optional(z.string().check(z.minLength(1), z.maxLength(MAX_CONDITION_LENGTH)));

const target = z.strictObject({
  provider: name,
  model: z.string().check(z.minLength(1), z.maxLength(200)),
  /** USD per million tokens; without it the public price list decides, where it knows the model. */
  price: z.optional(
    z.strictObject({
      inputPerMillion: usd,
      /** For what is read from the provider's prompt cache; as `inputPerMillion` where absent. */
      cachedInputPerMillion: z.optional(usd),
      outputPerMillion: z.optional(usd),
    }),
  ),
  /** With `weighted`: how many of the requests, as a share of all weights. 0: only where the others fail. */
  weight,
  /** Requests for which it is not true leave this target out. */
  when: condition,
  /** How many tokens the model takes; without it the public price list tells, where it knows the model. */
  contextWindow: z.optional(z.int().check(z.minimum(1), z.maximum(1_000_000_000))),
  /** Where it runs: the name of one of the config's `regions`. Those nearest to a request are tried first. */
  region: z.optional(name),
  /**
   * Which work tries it first: `interactive` for one that is fast and dear, `economy` for one that is cheap and may
   * be slow or refuse. Other work goes there where its own targets fail.
   */
  tier: z._default(priority, "normal"),
  /** Sent as `service_tier`, whatever the request says: OpenAI's `flex` and `priority`. */
  serviceTier: z.optional(z.string().check(z.regex(/^[a-z][a-z0-9_-]{0,31}$/, "use lower case, as flex"))),
  /** How many calls it gets at once, in place of what its provider says. */
  concurrency: z.optional(concurrency),
  /** `true` takes it out of use: it gets no more requests, and those that it has go on to their ends. */
  drained: z.optional(z.boolean()),
  /** When it is used, in UTC, as a server that is free at night; outside of these hours it is left out. */
  hours: z.optional(z.strictObject({ from: time, to: time })),
});

/** Stands for all targets of another route of the same task, with the policy of this one. */
const nested = z.strictObject({
  route: name,
  /** Requests for which it is not true leave all of its targets out. */
  when: condition,
  /** What the weights of its targets are together. */
  weight,
});

export const targets = z.array(z.union([target, nested])).check(z.minLength(1), z.maxLength(16));

export type TargetConfig = z.output<typeof target>;
