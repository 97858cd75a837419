const text = (description: string, more: object = {}) => ({
  description,
  schema: { type: "string", ...more },
});
const parameter = (place: "header" | "query", name: string, about: object) => ({ in: place, name, ...about });

/** What a request may carry besides its body. */
export const parameters = {
  RequestId: parameter(
    "header",
    "x-request-id",
    text("The client's own id for the request; the response bears it. Another where it is unusable.", {
      pattern: "^[\\x21-\\x7e]{1,128}$",
    }),
  ),
  Traceparent: parameter("header", "traceparent", text("W3C trace context; continued to the provider.")),
  TimeoutMs: parameter("header", "x-headrace-timeout-ms", {
    description: "When the whole request must have ended, in milliseconds from its arrival.",
    schema: { type: "integer", minimum: 1, maximum: 900_000 },
  }),
  Priority: parameter(
    "header",
    "x-headrace-priority",
    text("How much the request hurries, which orders the targets by their tiers; else as its route says.", {
      enum: ["interactive", "normal", "economy"],
    }),
  ),
  Metadata: parameter(
    "header",
    "x-headrace-metadata",
    text("A JSON object of at most 16 strings, noted with what was used."),
  ),
  CacheControl: parameter(
    "header",
    "cache-control",
    text(
      "RFC 9111: `no-store`, `no-cache`, `only-if-cached`, `max-age`, `min-fresh`, `max-stale`. To ask " +
        "for any but the first two also makes a chat cacheable that is not at temperature 0.",
    ),
  ),
  IdempotencyKey: parameter(
    "header",
    "idempotency-key",
    text(
      "1-255 printable ASCII characters, bare or as an RFC 8941 string. The request becomes a job, once: a " +
        "repeat gets the same outcome, and one that comes meanwhile waits for it, or reads the stream as it comes.",
    ),
  ),
  Prefer: parameter(
    "header",
    "prefer",
    text(
      "RFC 7240: `wait=20` waits up to as many seconds for a job's end, at most 60; `respond-async` takes " +
        "a job for an answer, from any endpoint; `hold` keeps a stream back until it is whole, so that one that " +
        "breaks still comes whole from the next target.",
    ),
  ),
  ModelInQuery: parameter(
    "query",
    "model",
    text("The route, for forms that send `file` before `model`; whatever the form says."),
  ),
  ModelInHeader: parameter("header", "x-headrace-model", text("As `model` in the query.")),
} as const;

export type ParameterName = keyof typeof parameters;

export const referParameters = (names: readonly ParameterName[]) =>
  names.map((name) => ({ $ref: `#/components/parameters/${name}` }));

const number = (description: string, type: "integer" | "number" = "integer") => ({
  description,
  schema: { type, minimum: 0 },
});

/** What a response may carry besides its body. */
export const headers = {
  "x-request-id": text("Finds the request in the logs."),
  "request-id": text("As `x-request-id`, where Anthropic's clients look for it: under /v1/messages only."),
  "x-headrace-config": text("The version of the config that decided."),
  "server-timing": text("Milliseconds by stage: `auth`, `cache`, `window`, `upstream`, `total`."),
  "x-headrace-route": text("The route that was asked for."),
  "x-headrace-target": text("The target that answered, as `targets[1]=openai/gpt-4o-mini`."),
  "x-headrace-attempts": number("How many calls of targets were made; 0 where a cache answered."),
  "x-headrace-window": text("The call shared with others: `4f2a91c0-17;size=32;waited_ms=3` (RFC 9651)."),
  "x-headrace-cost-usd": number("What the answer cost, where that is known before its first byte.", "number"),
  "x-headrace-saved-usd": text(
    "How much less a whole answer cost than at the first target for interactive work, where economy work went to " +
      "a cheaper one; less than 0 where it cost more.",
  ),
  "x-headrace-prompt-cache": number(
    "How many tokens of the prompt the provider had in its own cache, where it tells that of a whole answer.",
  ),
  "cache-status": text("RFC 9211: `headrace; hit; ttl=…; detail=memory`, or why the request went on."),
  age: number("Of a cached answer, in seconds."),
  "accept-encoding": text("The codings of a body that are read, where the request's is none of them."),
  "retry-after": number("Seconds to wait before trying again."),
  location: text("Where the job is, where the request is one."),
  "preference-applied": text("RFC 7240: what was heeded of `Prefer`."),
  "idempotent-replayed": text("`true` where the key had its job already.", { enum: ["true"] }),
  "x-should-retry": text("`false` where no repeat can help, or the gateway has just tried every target.", {
    enum: ["false"],
  }),
} as const;

export type HeaderName = keyof typeof headers;

/** What every response carries. */
export const ON_ALL: readonly HeaderName[] = ["x-request-id", "x-headrace-config", "server-timing"];

/** References to headers of a response, under their names. */
export const refer = (names: readonly HeaderName[]): Record<string, object> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
