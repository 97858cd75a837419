import * as z from "zod/mini";
import { concurrency } from "./concurrency.ts";
import { httpTasks } from "./http-tasks.ts";
import { PRESET_NAMES } from "./presets.ts";
import { baseUrlReference, secretReference } from "./references.ts";

/** Names that the gateway sets itself are not allowed: they would be sent twice. */
const headerName = z
  .string()
  .check(z.regex(/^(?!authorization$|content-type$)[a-z0-9-]{1,64}$/, "use lower case; the key is apiKey's"));
const headerValue = z.string().check(z.regex(/^[\t\x20-\x7e]*$/, "use printable ASCII"));

/** A call that finds all keys refused has made as many. */
const MAX_KEYS = 16;

/** What every provider outside the Worker may set. */
const outside = {
  /** Lets clients name this provider's models as `provider/model`, without a route. */
  direct: z.optional(z.boolean()),
  /**
   * `false`: its targets are called however often they have failed just before, as is right where the provider
   * itself is a gateway to many.
   */
  breaker: z.optional(z.boolean()),
  /** How many calls it gets at once, of all its models together; any number where absent. */
  concurrency: z.optional(concurrency),
  /** `true` takes all its targets out of use: they get no more requests. */
  drained: z.optional(z.boolean()),
};

/** What every provider that is reached by HTTP may set. */
const http = {
  /** With the version segment, as `https://api.openai.com/v1`; where it is absent, the provider's own. */
  baseUrl: z.optional(baseUrlReference),
  /** Absent for servers that take none (Ollama, a vLLM of your own). */
  apiKey: z.optional(secretReference),
  /** Several keys, in place of `apiKey`: one that is refused or at its limit rests while the others are used. */
  apiKeys: z.optional(
    z.array(secretReference).check(
      z.minLength(1),
      z.maxLength(MAX_KEYS),
      z.refine(
        (keys) => new Set(keys.map(({ secret }) => secret)).size === keys.length,
        "name each secret once",
      ),
    ),
  ),
  headers: z.optional(z.record(headerName, headerValue)),
  /**
   * The path behind the base URL that a probe asks for once a minute, which must cost nothing: the list of models
   * where absent. `false`: the provider is not probed.
   */
  probe: z.optional(
    z.union([z.literal(false), z.string().check(z.regex(/^\/[\x21-\x7e]{0,200}$/, "write it as /health"))]),
  ),
  ...outside,
};

const builtInProviders = [
  /** Any server that speaks OpenAI's API; a preset has its address and its differences. */
  z.strictObject({
    kind: z.literal("openai"),
    preset: z.optional(z.enum(PRESET_NAMES)),
    /** `false`: it refuses `stream_options`. Otherwise that is learned by the first refusal. */
    streamOptions: z.optional(z.boolean()),
    ...http,
  }),
  /** A model server of your own that speaks JSON of its own. */
  z.strictObject({ kind: z.literal("http"), ...http, baseUrl: baseUrlReference, tasks: httpTasks }),
  /** Cloudflare's models, through the binding AI: `wrangler dev --env workers-ai`. */
  z.strictObject({ kind: z.literal("workers-ai"), ...outside }),
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

type BuiltInProvider = z.output<(typeof builtInProviders)[number]>;
/** The kinds that every deployment has. */
export type BuiltInKind = BuiltInProvider["kind"];
const BUILT_IN: ReadonlySet<string> = new Set(builtInProviders.flatMap(({ shape }) => shape.kind.def.values));

/** A kind that was handed to createHeadrace; any other settings are given where the kind is made. */
export interface GivenKind {
  readonly kind: string;
  readonly runsIn: "worker" | "provider";
}

const given = (kind: string) => z.strictObject({ kind: z.literal(kind), ...http });
/** A kind that runs inside the Worker has no address, key or headers. */
const givenLocal = (kind: string) =>
  z.strictObject({ kind: z.literal(kind) }) as unknown as ReturnType<typeof given>;

/** Kinds that come with the project but not with every bundle. */
const OPT_IN: Readonly<Record<string, string>> = {
  embedded: "worker/providers/embedded/adapter.ts",
};

const sayWhatToImport: z.core.$ZodErrorMap = ({ input }) => {
  const kind = String((input as { readonly kind?: unknown } | undefined)?.kind);
  const path = Object.hasOwn(OPT_IN, kind) ? OPT_IN[kind] : undefined;
  return (
    path &&
    `import { ${kind} } from ${path} and hand it over: createHeadrace(config, { providers: { ${kind} } })`
  );
};

/** The schema of one provider, of the kinds that are built in and those that were handed over. */
export const providerSchemaOf = (kinds: readonly GivenKind[]) =>
  z
    .discriminatedUnion(
      "kind",
      [
        ...builtInProviders,
        ...kinds
          .filter(({ kind }) => !BUILT_IN.has(kind))
          .map(({ kind, runsIn }) => (runsIn === "worker" ? givenLocal(kind) : given(kind))),
      ],
      { error: sayWhatToImport },
    )
    .check(
      z.refine((provider) => !("apiKey" in provider && "apiKeys" in provider), {
        path: ["apiKeys"],
        message: "give apiKey or apiKeys, not both",
      }),
    );
