import * as z from "zod/mini";
import { priority } from "../priority.ts";
import { ROUTE_TASKS } from "../requests.ts";
import { jobs } from "./jobs.ts";
import { condition, targets } from "./targets.ts";
import { requestWindow } from "./windows.ts";

const seconds = z.int().check(z.minimum(0), z.maximum(31_536_000));
const timeMs = z.int().check(z.minimum(1), z.maximum(900_000));

const cache = z.strictObject({
  /** How long an answer counts as fresh. */
  ttlSeconds: z._default(seconds, 3600),
  /** How much longer it may be served while one request refreshes it. */
  staleSeconds: z._default(seconds, 600),
  /** Whether answers also go to KV: always, never, or where a hit is worth more than the write. */
  kv: z._default(z.enum(["auto", "always", "never"]), "auto"),
});

const promptCache = z.strictObject({
  maxDearer: z._default(z.number().check(z.nonnegative(), z.maximum(10)), 0.1),
});

const streams = z.strictObject({
  /**
   * `show`: every client gets the event that only says what was used, asked or not. Then no event has to be
   * hidden, and the platform copies a stream with no code running for its events.
   */
  usage: z._default(z.enum(["hide", "show"]), "hide"),
  /**
   * `false`: every event is read before it goes on, and an error event of the provider's is put in the gateway's
   * words, without secrets. Else a stream in which nothing has to be changed may be copied by the platform, which
   * takes half the CPU, and such an event goes out as it came.
   */
  unread: z._default(z.boolean(), true),
  /**
   * Keeps a stream back until it is whole, so that one that breaks anywhere still comes whole from the next target;
   * its client gets heartbeats until then. `Prefer: hold` asks for the same on any route.
   */
  hold: z.optional(z.boolean()),
  /**
   * How long a stream that has begun may say nothing of its answer, before it ends with an error; `timeoutMs`
   * where absent. What only keeps the connection alive says nothing.
   */
  quietMs: z.optional(timeMs),
  /**
   * How many events that say something of the answer a stream that has begun has to bring a second; any number
   * where absent. It ends with an error once it has fallen behind that by `quietMs`. With most servers an event
   * is a token; some put more into one.
   */
  minEventsPerSecond: z.optional(z.number().check(z.gt(0), z.maximum(1000))),
});

const retry = z.strictObject({
  /** The most attempts at one target, the first included; 1 turns retries off. */
  attempts: z.int().check(z.minimum(1), z.maximum(5)),
});

const hedge = z.strictObject({
  /** After how many milliseconds; the 95th percentile of what the target takes to begin where absent. */
  afterMs: z.optional(timeMs),
  /** The share of the route's calls that may be hedged. */
  budget: z._default(z.number().check(z.gt(0), z.maximum(1)), 0.05),
});

export const routeSchema = z.strictObject({
  task: z.enum(ROUTE_TASKS),
  targets,
  /**
   * Which target is tried first: the first one of the list that is well (`fallback`), one at random by its weight,
   * the one that has been the fastest of late, or the one that costs least. The others follow where it fails.
   */
  strategy: z._default(z.enum(["fallback", "weighted", "fastest", "cheapest"]), "fallback"),
  /** How much its requests hurry that do not say so by `x-headrace-priority`, or jobs by their `priority`. */
  priority: z._default(priority, "normal"),
  /**
   * Sends prompts that begin alike to the same target, for as long as that is well, so that its provider finds them
   * in its prompt cache; `cheapest` leaves it for one that is cheaper by more than `maxDearer`, a share.
   * `false`: each request goes where the strategy says, wherever its like went before.
   */
  promptCache: z._default(z.union([z.literal(false), promptCache]), { maxDearer: 0.1 }),
  /** Requests for which it is not true are refused. */
  when: condition,
  /** `false` turns the cache and the sharing of identical requests off. */
  cache: z._default(z.union([z.literal(false), cache]), { ttlSeconds: 3600, staleSeconds: 600, kv: "auto" }),
  /** Lets requests that come at once share calls: embeddings, classify and moderations. */
  window: z.optional(requestWindow),
  streams: z._default(streams, { usage: "hide", unread: true }),
  /** For one attempt: until the whole answer, or for a stream until its first part and from each to the next. */
  timeoutMs: z._default(timeMs, 60_000),
  /** Asking a target again that failed, before the next one is asked. Jobs are repeated by their queue instead. */
  retry: z._default(retry, { attempts: 3 }),
  /**
   * Asks the next target as well (the same again, where there is none) when nothing of an answer has come for
   * longer than usual, and takes the first answer. The call that is given up costs what it has used.
   */
  hedge: z.optional(hedge),
  /**
   * How long a stream may take to say the first of its answer while the plan has targets left, of which the next
   * is then tried; the last has `timeoutMs`. Where absent 10 s, and what a long prompt takes to read (60 ms a KB);
   * `timeoutMs` where the request asks the model to think, or its name is known as of one that does.
   */
  firstTokenMs: z.optional(timeMs),
  /**
   * `content`: the same request is the same job for as long as that is kept, its failure included, unless
   * the client brings a key of its own, or `Cache-Control: no-cache`. Every request of the route is a job
   * then: identical ones share one call wherever they arrive, at the price of a job.
   */
  idempotency: z._default(z.enum(["key", "content"]), "key"),
  /**
   * What becomes of tools of the Responses and Messages APIs that a target has not (web search, file search, …):
   * the request is answered without them, or refused. A tool that must be called is always refused.
   */
  unavailableTools: z._default(z.enum(["leave_out", "refuse"]), "leave_out"),
  /**
   * Has the log quote what providers say of requests they refuse, which helps to find out why, and may show a
   * part of the prompt. Without it the log has the status and the provider's code.
   */
  quoteProviderErrors: z._default(z.boolean(), false),
  /** For requests that are jobs: by `POST /v1/jobs`, `Idempotency-Key` or `Prefer: respond-async`. */
  jobs: z._default(jobs, { onUnknownOutcome: "repeat" }),
});

export type RouteConfig = z.output<typeof routeSchema>;
export type CacheConfig = z.output<typeof cache>;
