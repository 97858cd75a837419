import * as z from "zod/mini";
import { httpTasks } from "./http-tasks.ts";
import { PRESET_NAMES } from "./presets.ts";
import { ROUTE_TASKS } from "../requests.ts";

/** Names a secret of the deployment (`wrangler secret put`); the value never stands in the config. */
export interface SecretReference {
  readonly secret: string;
}

/** Names a variable of the deployment, with the value to use where it is not set. */
export interface VariableReference {
  readonly variable: string;
  readonly fallback?: string | undefined;
}

/** Refers to a secret by its name. A provider whose secret is unset is listed as unavailable. */
export const secret = (name: string): SecretReference => ({ secret: name });

/** Refers to a variable by its name, with a default. */
export const variable = (name: string, fallback?: string): VariableReference => ({
  variable: name,
  fallback,
});

const name = z
  .string()
  .check(
    z.regex(
      /^[a-z0-9][a-z0-9._-]{0,63}$/i,
      "use 1-64 letters, digits, '.', '_' or '-', letter or digit first",
    ),
  );
const environmentName = z
  .string()
  .check(z.regex(/^[A-Z][A-Z0-9_]*$/, "name it in capitals, as OPENAI_API_KEY"));
/** The names the gateway sets itself would be sent twice. */
const headerName = z
  .string()
  .check(z.regex(/^(?!authorization$|content-type$)[a-z0-9-]{1,64}$/, "use lower case; the key is apiKey's"));
const secretReference = z.strictObject({ secret: environmentName });
const variableReference = z.strictObject({ variable: environmentName, fallback: z.optional(z.string()) });
const headerValue = z.string().check(z.regex(/^[\t\x20-\x7e]*$/, "use printable ASCII"));
const milliseconds = z.int().check(z.minimum(1), z.maximum(900_000));
const seconds = z.int().check(z.minimum(0), z.maximum(31_536_000));
const usd = z.number().check(z.nonnegative());

/** What every provider that is reached by HTTP may say of itself. */
const http = {
  /** With the version segment, as `https://api.openai.com/v1`; where it is absent, the provider's own. */
  baseUrl: z.optional(variableReference),
  /** Absent for servers that take none (Ollama, a vLLM of your own). */
  apiKey: z.optional(secretReference),
  headers: z.optional(z.record(headerName, headerValue)),
  /** Lets clients name this provider's models as `provider/model`, without a route. */
  direct: z.optional(z.boolean()),
};

const providers = [
  /** The models inside the Worker. */
  z.strictObject({ kind: z.literal("embedded") }),
  /** Any server that speaks OpenAI's API; a preset knows where it is and what is odd about it. */
  z.strictObject({ kind: z.literal("openai"), preset: z.optional(z.enum(PRESET_NAMES)), ...http }),
  /** A model server of your own that speaks JSON of its own. */
  z.strictObject({ kind: z.literal("http"), ...http, baseUrl: variableReference, tasks: httpTasks }),
  /** Cloudflare's models, through the binding AI: `wrangler dev --env workers-ai`. */
  z.strictObject({ kind: z.literal("workers-ai"), direct: http.direct }),
  /** Claude, by Anthropic's Messages API, and any server that speaks that. */
  z.strictObject({ kind: z.literal("anthropic"), ...http }),
  /** Gemini. */
  z.strictObject({ kind: z.literal("google"), ...http }),
  /**
   * Azure OpenAI; the base URL is the resource's, as `https://mine.openai.azure.com`, and models are named
   * by their deployments. `apiVersion` asks for one of the dated APIs, where the resource has no v1.
   */
  z.strictObject({
    kind: z.literal("azure-openai"),
    apiVersion: z.optional(z.string().check(z.regex(/^[a-z0-9-]{1,40}$/, "write it as 2024-10-21"))),
    ...http,
  }),
] as const;

const target = z.strictObject({
  provider: name,
  model: z.string().check(z.minLength(1), z.maxLength(200)),
  /** USD per million tokens; without it the public price list decides, where it knows the model. */
  price: z.optional(z.strictObject({ inputPerMillion: usd, outputPerMillion: z.optional(usd) })),
});

const cache = z.strictObject({
  /** How long an answer counts as fresh. */
  ttlSeconds: z._default(seconds, 3600),
  /** How much longer it may be served while one request refreshes it. */
  staleSeconds: z._default(seconds, 600),
  /** Whether answers also go to KV: always, never, or where a hit is worth more than the write. */
  kv: z._default(z.enum(["auto", "always", "never"]), "auto"),
});

/** Who may share a call: requests of one tenant, or of all. */
const share = z._default(z.enum(["tenant", "all"]), "tenant");

/** How jobs of a route share calls; the numbers are of one window (docs/windows.md). */
const jobWindow = z.strictObject({
  /** The most items in a call. */
  maxItems: z._default(z.int().check(z.minimum(2), z.maximum(2048)), 64),
  /** The most tokens in a call, as far as the texts' length tells them. */
  maxTokens: z._default(z.int().check(z.minimum(1), z.maximum(10_000_000)), 100_000),
  /** Where the server pads: each item then counts as the longest beside it. */
  padded: z._default(z.boolean(), false),
  /** How long a job waits for company, to an hour; a call that is full goes at once. */
  maxDelayMs: z._default(z.int().check(z.minimum(0), z.maximum(3_600_000)), 1000),
  /** Windows side by side, for routes of more than some 300 jobs a second. */
  shards: z._default(z.int().check(z.minimum(1), z.maximum(64)), 1),
  share,
});

const jobs = z.strictObject({
  /** How often a job is run, each time over all targets. */
  attempts: z._default(z.int().check(z.minimum(1), z.maximum(16)), 5),
  /**
   * What to do when a run vanished and the provider may have been called: call again (with the same
   * `idempotency-key`, which few providers heed), or end the job as `outcome_unknown`.
   */
  onUnknownOutcome: z._default(z.enum(["repeat", "fail"]), "repeat"),
  /**
   * Lets jobs that nobody waits for share calls: embeddings, classify and moderations. Those of priority
   * `interactive`, or with `start_within`, go by themselves.
   */
  window: z.optional(jobWindow),
});

/** How requests of a route share calls; the numbers are of one window (docs/windows.md). */
const requestWindow = z.strictObject({
  /** The most items in a call. */
  maxItems: z._default(z.int().check(z.minimum(2), z.maximum(2048)), 32),
  /** The most tokens in a call, as far as the texts' length tells them. */
  maxTokens: z._default(z.int().check(z.minimum(1), z.maximum(10_000_000)), 100_000),
  /** Where the server pads: each item then counts as the longest beside it. */
  padded: z._default(z.boolean(), false),
  /** How long a request waits for company though nothing is in its way. 0: it never does. */
  maxDelayMs: z._default(z.int().check(z.minimum(0), z.maximum(60_000)), 0),
  /** Calls that run at once; fewer while the provider throttles. The platform lets six wait for headers. */
  slots: z._default(z.int().check(z.minimum(1), z.maximum(6)), 2),
  /** A call that takes longer makes the next ones smaller. */
  objectiveMs: z.optional(milliseconds),
  /** Windows side by side, for routes of more than some 500 requests a second on a continent. */
  shards: z._default(z.int().check(z.minimum(1), z.maximum(64)), 1),
  share,
});

const streams = z.strictObject({
  /**
   * `show`: every client gets the event that only says what was used, asked or not. Then no event has to be
   * hidden, and the platform copies a stream with no code running for its events.
   */
  usage: z._default(z.enum(["hide", "show"]), "hide"),
});

export const routeSchema = z.strictObject({
  task: z.enum(ROUTE_TASKS),
  targets: z.array(target).check(z.minLength(1), z.maxLength(16)),
  /** `false` turns the cache and the sharing of identical requests off. */
  cache: z._default(z.union([z.literal(false), cache]), { ttlSeconds: 3600, staleSeconds: 600, kv: "auto" }),
  /** Lets requests that come at once share calls: embeddings, classify and moderations. */
  window: z.optional(requestWindow),
  streams: z._default(streams, { usage: "hide" }),
  /** For one attempt: until the whole answer, or for a stream until its first and each next event. */
  timeoutMs: z._default(milliseconds, 60_000),
  /**
   * `content`: the same request is the same job for as long as that is kept, its failure included, unless
   * the client brings a key of its own, or `Cache-Control: no-cache`. Every request of the route is a job
   * then: identical ones share one call wherever they arrive, at the price of a job.
   */
  idempotency: z._default(z.enum(["key", "content"]), "key"),
  /** For requests that are jobs: by `POST /v1/jobs`, `Idempotency-Key` or `Prefer: respond-async`. */
  jobs: z._default(jobs, { attempts: 5, onUnknownOutcome: "repeat" }),
});

const SECRETS = [{ secret: "HEADRACE_WEBHOOK_SECRET" }, { secret: "HEADRACE_WEBHOOK_SECRET_OLD" }];

const webhooks = z.strictObject({
  /**
   * What tenants' signing secrets are derived from, newest first. Those that are set all sign, so that a
   * secret can be changed while receivers still know the old one.
   */
  secrets: z._default(z.array(secretReference).check(z.minLength(1), z.maxLength(4)), SECRETS),
  /** Lets webhooks go to http and to this machine and its network. Never on a server that others use. */
  development: z._default(z.boolean(), false),
});

export const configSchema = z.strictObject({
  providers: z.record(name, z.discriminatedUnion("kind", providers)),
  routes: z.record(name, routeSchema),
  /** Who may call from a browser: origins, `*`, or a port left open as in `http://localhost:*`. */
  cors: z._default(z.strictObject({ origins: z.array(z.string()) }), { origins: [] }),
  limits: z._default(
    z.strictObject({
      requestBytes: z._default(z.int().check(z.minimum(1024), z.maximum(100_000_000)), 4_194_304),
      /** For recordings, which stream through. The platform's own limit, by plan, is 100-500 MB. */
      uploadBytes: z._default(z.int().check(z.minimum(1024), z.maximum(500_000_000)), 100_000_000),
    }),
    { requestBytes: 4_194_304, uploadBytes: 100_000_000 },
  ),
  webhooks: z._default(webhooks, { secrets: SECRETS, development: false }),
});

/** What `headrace.config.ts` says. */
export type ConfigInput = z.input<typeof configSchema>;
/** The same with every default filled in. */
export type Config = z.output<typeof configSchema>;
export type ProviderConfig = Config["providers"][string];
export type RouteConfig = Config["routes"][string];
export type JobWindowConfig = NonNullable<RouteConfig["jobs"]["window"]>;
export type RequestWindowConfig = NonNullable<RouteConfig["window"]>;
export type CacheConfig = Exclude<RouteConfig["cache"], false>;

/** Types the config for the editor; it is checked once, when the Worker starts. */
export const defineConfig = (config: ConfigInput): ConfigInput => config;
