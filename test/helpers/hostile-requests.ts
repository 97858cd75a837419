/** Requests as nobody should send them: arbitraries over headers, paths, and bodies of the gateway's own shapes. */
import * as fc from "fast-check";
import { mostly, nearly, type WireBody, wrong, written } from "./hostile-bodies.ts";

/** One request, all of it as it crosses the wire. */
export interface HostileRequest {
  readonly method: string;
  /** Begins with a slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined where there is none. */
  readonly body: WireBody | undefined;
}

const label = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 8 });
const words = fc.oneof(label, fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }));
const messages = fc.array(
  nearly({ role: mostly(fc.constantFrom("user", "system")), content: mostly(words) }),
  {
    minLength: 1,
    maxLength: 3,
  },
);
const models = (...names: string[]) =>
  mostly(
    fc.constantFrom(
      ...names,
      ...names,
      ...names,
      "nowhere",
      "unset",
      "primary/a\r\nx: 1",
      "/",
      "constructor",
    ),
  );

const someChat = { model: models("chat", "uncached"), messages: mostly(messages) };
/** The body of each task, mostly one that the fixture's routes take. */
const INPUTS = {
  chat: nearly({
    ...someChat,
    temperature: mostly(fc.constantFrom(0, 1)),
    stream: mostly(fc.constant(false)),
  }),
  responses: nearly({ model: models("chat"), input: mostly(words) }),
  messages: nearly({ ...someChat, max_tokens: mostly(fc.nat(50)) }),
  embeddings: nearly({
    model: models("embed", "embed-uncached", "words", "primary/big"),
    input: mostly(fc.oneof(words, fc.array(words, { maxLength: 4 }), fc.array(fc.nat(9), { maxLength: 3 }))),
    dimensions: mostly(fc.constantFrom(null, 4)),
  }),
  rerank: nearly({
    model: models("rerank", "rerank-words"),
    query: mostly(words),
    documents: mostly(fc.array(words, { maxLength: 3 })),
    top_n: mostly(fc.constantFrom(null, 1, 2)),
  }),
  classify: nearly({ model: models("language", "sentiment"), input: mostly(words) }),
  moderations: nearly({ model: models("moderate"), input: mostly(words) }),
  speech: nearly({ model: models("voice"), input: mostly(words), voice: mostly(fc.constant("alloy")) }),
} as const;
const INPUT_TASKS = Object.keys(INPUTS) as (keyof typeof INPUTS)[];
const PATHS: Readonly<Record<keyof typeof INPUTS, string>> = {
  chat: "/v1/chat/completions",
  responses: "/v1/responses",
  messages: "/v1/messages",
  embeddings: "/v1/embeddings",
  rerank: "/v1/rerank",
  classify: "/v1/classify",
  moderations: "/v1/moderations",
  speech: "/v1/audio/speech",
};

const seconds = mostly(fc.constantFrom(60, 3600, 604_800));
const metadata = mostly(fc.dictionary(label, label, { maxKeys: 3 }));
/** Right by themselves, and each left out at times. */
const settings = fc.record(
  {
    priority: mostly(fc.constantFrom("interactive", "normal", "economy")),
    start_within: seconds,
    complete_within: seconds,
    retain_for: seconds,
    metadata,
  },
  { requiredKeys: [] },
);
const rare = fc.oneof(
  { weight: 20, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ webhook: wrong }) },
  { weight: 1, arbitrary: fc.record({ webhook: nearly({ url: fc.webUrl(), events: wrong }) }) },
);

/** A body of `POST /v1/jobs`. */
export const jobBody: fc.Arbitrary<WireBody> = written(
  fc
    .constantFrom(...INPUT_TASKS)
    .chain((task) =>
      fc.tuple(nearly({ task: mostly(fc.constant(task), 20), input: INPUTS[task] }), settings, rare),
    )
    .map(([core, more, odd]) =>
      typeof core === "object" && !Array.isArray(core) ? { ...core, ...more, ...odd } : core,
    ),
);

/** ISO-8859-1, as headers are; no line ends, which no client can send. */
const latin1 = fc
  .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff })), {
    maxLength: 30,
  })
  .map((codes) => String.fromCharCode(...codes).trim());

/** Each header that means something to the gateway, right and wrong. */
const HEADERS: Readonly<Record<string, readonly [weight: number, values: fc.Arbitrary<string>]>> = {
  "idempotency-key": [
    6,
    fc.oneof(
      fc.constantFrom("a", '"a"', "b", '"b"', "", '""', '"', '"open', 'open"', '"a\\"b"', '"a\\b"', "a, b"),
      fc.constantFrom(
        ":YQ==:",
        "?1",
        "12",
        '"a";x=1',
        "k".repeat(255),
        "k".repeat(256),
        "\t",
        "a\tb",
        "\u00e9",
      ),
      fc.uuid(),
      latin1,
    ),
  ],
  prefer: [
    6,
    fc.oneof(
      fc.constantFrom(
        "respond-async",
        "RESPOND-ASYNC",
        "respond-async, wait=1",
        "wait=1",
        'wait="1"',
        "wait=0",
      ),
      fc.constantFrom(
        "wait=-1",
        "wait=1e3",
        "wait=1.5",
        "wait=",
        "wait",
        "WAIT = 2",
        "wait=1, wait=2",
        "wait=2;x=y",
      ),
      fc.constantFrom(
        "respond-async=false",
        "respond-async;wait=2",
        "return=minimal",
        ",,,",
        ";;",
        "=",
        '"',
        "",
      ),
      latin1,
    ),
  ],
  "x-headrace-timeout-ms": [
    2,
    fc.oneof(
      fc.constantFrom("1", "50", "20000", "900000", "900001", "0", "-1", "1e3", "", " ", "0x10"),
      latin1,
    ),
  ],
  "x-headrace-metadata": [
    2,
    fc.oneof(
      fc.constantFrom(
        "{}",
        "[]",
        "null",
        '{"a":"b"}',
        '{"a":1}',
        '{"__proto__":"x"}',
        '{"constructor":"x"}',
        "{",
      ),
      fc.constantFrom(`${'{"a":'.repeat(99)}1${"}".repeat(99)}`, `{"a":"${"x".repeat(600)}"}`, '{"":""}', ""),
      fc.jsonValue({ maxDepth: 2 }).map((value) => encodeURI(JSON.stringify(value).toWellFormed())),
      latin1,
    ),
  ],
  "content-type": [
    2,
    fc.oneof(
      fc.constantFrom(
        "application/json;charset=utf-8",
        "APPLICATION/JSON",
        "application/vnd.x+json",
        "+json",
        "json",
      ),
      fc.constantFrom(
        "text/plain",
        "application/json, text/plain",
        "multipart/form-data; boundary=x",
        ";",
        "",
      ),
      latin1,
    ),
  ],
  "content-encoding": [1, fc.constantFrom("gzip", "br", "deflate", "identity", "x-odd", "gzip, gzip")],
  "cache-control": [
    1,
    fc.constantFrom("no-store", "only-if-cached", "max-age=-1", "max-age=1e9", "max-stale", "=,="),
  ],
  "x-request-id": [
    2,
    fc.oneof(fc.constantFrom("mine", "", "has space", "x".repeat(128), "x".repeat(129)), latin1),
  ],
  traceparent: [1, fc.oneof(fc.constant(`00-${"a".repeat(32)}-${"b".repeat(16)}-01`), latin1)],
  authorization: [
    1,
    fc.oneof(
      fc.constantFrom("", "Bearer", "Bearer ", "Basic eDp5", `Bearer hr_live_${"x".repeat(32)}`),
      latin1,
    ),
  ],
  origin: [1, fc.oneof(fc.constantFrom("https://app.example", "https://evil.example", "null"), latin1)],
  accept: [1, fc.constantFrom("text/html", "text/event-stream", "*/*;q=0")],
};

const aHeader = fc.oneof(
  ...Object.entries(HEADERS).map(([name, [weight, values]]) => ({
    weight,
    arbitrary: values.map((value): readonly [string, string] => [name, value]),
  })),
);
/** Few at a time, so that not each request has something wrong with it. */
export const someHeaders: fc.Arbitrary<Record<string, string>> = fc.oneof(
  fc.constant({}),
  fc.array(aHeader, { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs)),
);

/** `POST /v1/jobs`. */
export const jobRequest: fc.Arbitrary<HostileRequest> = fc.record({
  method: fc.constant("POST"),
  path: fc.constant("/v1/jobs"),
  headers: someHeaders,
  body: jobBody,
});

/** A synchronous request that is to be a job: it has a key, or prefers one, as far as these can be read. */
export const durableRequest: fc.Arbitrary<HostileRequest> = fc.constantFrom(...INPUT_TASKS).chain((task) =>
  fc.record({
    method: fc.constant("POST"),
    path: fc.constant(PATHS[task]),
    headers: fc
      .tuple(fc.constantFrom("idempotency-key", "prefer"), someHeaders)
      .chain(([name, rest]) => (HEADERS[name]?.[1] ?? latin1).map((value) => ({ ...rest, [name]: value }))),
    body: written(INPUTS[task]),
  }),
);

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".split("");
/** Ids of the right length that nobody gave out. */
const madeUp = fc
  .array(fc.constantFrom(...BASE64URL), { minLength: 43, maxLength: 43 })
  .map((letters) => `job_${letters.join("")}`);
/** An id that was given out, with something done to it. */
const mangled = (id: string) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(id) },
    { weight: 2, arbitrary: madeUp },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.nat(id.length - 1), fc.constantFrom(...BASE64URL, "%00", "%2f", "%zz", "/", "="))
        .map(([at, letter]) => id.slice(0, at) + letter + id.slice(at + 1)),
    },
    { weight: 1, arbitrary: fc.nat(id.length).map((end) => id.slice(0, end)) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        id.toUpperCase(),
        `${id}=`,
        `${id}%20`,
        `${id}/`,
        encodeURIComponent(`${id}\u0000`),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom("..", "%2e%2e", "*", ":id", "%", "%ff", "x".repeat(8000), "constructor"),
    },
    {
      weight: 1,
      arbitrary: fc.string({ unit: "grapheme" }).map((text) => encodeURIComponent(text.toWellFormed())),
    },
  );

const ACTIONS = ["", "/output", "/cancel", "/retry", "/events"];
const METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"];

/** Any method at any path under `/v1/jobs`; `ids` are of jobs that are there. */
export const jobPathRequest = (ids: readonly string[]): fc.Arbitrary<HostileRequest> =>
  fc.record({
    method: fc.constantFrom(...METHODS),
    path: fc
      .tuple(
        fc.constantFrom(...ids).chain(mangled),
        fc.oneof(
          { weight: 8, arbitrary: fc.constantFrom(...ACTIONS) },
          {
            weight: 1,
            arbitrary: fc.constantFrom("/", "/Output", "/cancel/", "/output/x", "/%6futput", "//"),
          },
        ),
        fc.constantFrom("", "", "", "?", "?wait=9&id=x", "?%zz"),
      )
      .map((parts) => `/v1/jobs/${parts.join("")}`),
    headers: someHeaders,
    body: fc.constant(undefined),
  });
