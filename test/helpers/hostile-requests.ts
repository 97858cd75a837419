/** Requests as nobody should send them: arbitraries over paths, and over bodies of the gateway's own shapes. */
import * as fc from "fast-check";
import { ENDPOINTS } from "../../worker/contract/endpoints.ts";
import { HEADERS, someHeaders } from "./hostile-headers.ts";
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
    stream: mostly(fc.constantFrom(false, false, true)),
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
/** None of them leads out of this machine. */
const webhookUrl = fc.constantFrom(
  "https://hooks.invalid/jobs",
  "http://127.0.0.1:9/",
  "https://me:pw@hooks.invalid/",
  "https://[::1]:9/",
  "http://2130706433:9/",
  "ftp://hooks.invalid/",
  "//hooks.invalid",
  "https://hooks.invalid/\r\nx: 1",
  `https://hooks.invalid/${"x".repeat(3000)}`,
);
const webhookEvents = fc.constantFrom(["job.succeeded"], ["job.failed", "job.failed"], [], ["job.started"]);
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
  {
    weight: 1,
    arbitrary: fc.record({ webhook: nearly({ url: mostly(webhookUrl), events: mostly(webhookEvents) }) }),
  },
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
      .chain(([name, rest]) =>
        (HEADERS[name]?.[1] ?? fc.constant("")).map((value) => ({ ...rest, [name]: value })),
      ),
    body: written(INPUTS[task]),
  }),
);

/** A request for an answer, to any of its endpoints. */
export const inferenceRequest: fc.Arbitrary<HostileRequest> = fc.constantFrom(...INPUT_TASKS).chain((task) =>
  fc.record({
    method: fc.constant("POST"),
    path: fc.constant(PATHS[task]),
    headers: someHeaders,
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

const aFilter = fc.oneof(
  fc.constantFrom(
    "status=queued",
    "status=failed,succeeded",
    "status=",
    "status=x",
    "status=queued&status=failed",
  ),
  fc.constantFrom(
    "limit=1",
    "limit=0",
    "limit=101",
    "limit=1e1",
    "limit=",
    "limit=1&limit=2",
    "after=",
    "after=x",
  ),
  fc.constantFrom(
    "model=embed",
    "model=",
    "model=%00",
    `model=${"x".repeat(300)}`,
    "metadata[a]=b",
    "metadata[]=b",
  ),
  fc.constantFrom(
    "metadata[__proto__]=x",
    "metadata[a][b]=c",
    "metadata=x",
    "constructor=1",
    "%zz",
    "&&",
    "=",
    "[]",
  ),
  fc.constantFrom(
    "metadata[%F0%9F%8C%8A]=x",
    "metadata[a]=b&metadata[a]=c",
    `after=${btoa("1 job_x")}`,
    "x".repeat(4000),
  ),
  fc.string({ unit: "grapheme" }).map((text) => encodeURIComponent(text.toWellFormed())),
);

/** `GET /v1/jobs`, with whatever may be meant as a filter. */
export const jobListRequest: fc.Arbitrary<HostileRequest> = fc.record({
  method: fc.constant("GET"),
  path: fc.array(aFilter, { maxLength: 3 }).map((filters) => `/v1/jobs?${filters.join("&")}`),
  headers: someHeaders,
  body: fc.constant(undefined),
});

const ALL_PATHS = [...new Set(Object.values(ENDPOINTS).map(({ path }) => path))];
/** A path of the table, mostly with something done to it. */
const anyPath = fc
  .tuple(
    fc.constantFrom(...ALL_PATHS, "/", "/v1", "/v1/chat", "/metrics", "/favicon.ico"),
    fc.oneof(fc.constantFrom("x", "..", "%2e%2e%2f", "%00", "constructor"), label.map(encodeURIComponent)),
    fc.constantFrom<(path: string) => string>(
      (path) => path,
      (path) => path,
      (path) => `/v1${path}`,
      (path) => path.toUpperCase(),
      (path) => `/${path}`,
      (path) => `${path}/`,
      (path) => `${path}/../..${path}`,
      (path) => `${path}?model=%00&model=x&x[]=1`,
      (path) => `/${path.slice(1).replaceAll("/", "%2f")}`,
    ),
  )
  .map(([path, param, change]) => change(path.replaceAll(/:\w+/g, param)));

/** Any method at any path, with a body of whatever kind where it may have one. */
export const anyRequest: fc.Arbitrary<HostileRequest> = fc
  .record({
    method: fc.constantFrom(...METHODS),
    path: anyPath,
    headers: fc.tuple(someHeaders, fc.boolean()).map(([headers, isKnown]) => ({
      ...headers,
      ...(isKnown ? {} : { authorization: "" }),
    })),
    body: fc.option(written(fc.constantFrom(...INPUT_TASKS).chain((task) => INPUTS[task])), {
      nil: undefined,
    }),
  })
  .map((request) => (/^(GET|HEAD)$/.test(request.method) ? { ...request, body: undefined } : request));
