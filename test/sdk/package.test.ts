import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSdkPackage } from "../../scripts/sdk-package.ts";
import * as core from "../../sdk/index.ts";
import * as jobs from "../../sdk/jobs/index.ts";
import * as webhooks from "../../sdk/webhooks/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const resolve = (path: string): string => createRequire(import.meta.url).resolve(path);
const tsc = join(dirname(resolve("typescript/package.json")), "bin/tsc");
/** A project elsewhere on the disk, in which nothing but the package is installed. */
let project: string;
let installed: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "headrace-consumer-"));
  installed = join(project, "node_modules/headrace");
  await buildSdkPackage(installed);
});
afterAll(() => rm(project, { recursive: true, force: true }));

const read = (name: string): Promise<string> => readFile(join(installed, name), "utf8");

describe("the published package", () => {
  it.each([
    ["headrace.js", 5.1],
    ["jobs.js", 6.6],
    ["webhooks.js", 1],
  ])("has %s, which is at most %d KB, gzipped", async (name, size) => {
    expect(gzipSync(await read(name), { level: 9 }).length).toBeLessThanOrEqual(size * 1024);
  });

  it.each([
    ["headrace", core],
    ["jobs", jobs],
    ["webhooks", webhooks],
  ])("has %s, which exports what its source exports, and imports nothing", async (module, source) => {
    const built = (await import(join(installed, `${module}.js`))) as object;
    expect(Object.keys(built).toSorted()).toEqual(Object.keys(source).toSorted());
    for (const name of [`${module}.js`, `${module}.d.ts`]) {
      expect(await read(name)).not.toMatch(/\bimport\b\s*[({"'*\w]|\brequire\b\s*\(|\bfrom\s*["']/);
    }
  });

  it("maps its code to the sources, and holds them", async () => {
    const map = JSON.parse(await read("headrace.js.map")) as {
      readonly sources: readonly string[];
      readonly sourcesContent: readonly string[];
    };
    const client = map.sources.findIndex((path) => path.endsWith("sdk/client.ts"));
    expect(map.sourcesContent[client]).toBe(await readFile(join(root, "sdk/client.ts"), "utf8"));
    expect(await read("headrace.js")).toMatch(/\/\/# sourceMappingURL=headrace\.js\.map\n$/);
  });

  it("has a manifest whose every file exists", async () => {
    const manifest = JSON.parse(await read("package.json")) as {
      readonly exports: Readonly<Record<"." | "./jobs" | "./webhooks", Readonly<Record<string, string>>>>;
      readonly files: readonly string[];
    };
    const { ".": main, "./jobs": second, "./webhooks": third } = manifest.exports;
    const named = [main, second, third].flatMap((entry) => Object.values(entry));
    named.push(...manifest.files, "README.md", "LICENSE");
    for (const name of named) await expect(read(name)).resolves.not.toBe("");
    expect(manifest).toMatchObject({ name: "headrace", license: "MIT", sideEffects: false, type: "module" });
  });
});

/** Good in every project, whatever its libraries. */
const CONSUMER = `
import { Headrace, HeadraceError, isHeadraceError } from "headrace";
import type { ChatCompletionChunk, ChatRequest, HeadraceErrorCode, Usage, WithMeta } from "headrace";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const isTrue = <T extends true>(value?: T): T | undefined => value;
const client = new Headrace({ baseURL: "https://ai.example", token: async () => "t", timeoutMs: 5 });
const question: ChatRequest = { model: "chat", messages: [{ role: "user", content: "Hi" }], anything: [1] };

export async function use(): Promise<void> {
  const { data, meta } = await client.embed({ model: "embed", input: ["a"] }, { cache: "no-store" });
  const vector: string | number[] | undefined = data[0]?.embedding;
  const tier: "memory" | "colo" | "kv" | undefined = meta.cache.tier;
  const stream = await client.chat({ ...question, stream: true });
  const used: Usage | undefined = stream.usage;
  for await (const chunk of stream) isTrue<Equal<typeof chunk, ChatCompletionChunk>>();
  const answer = await client.chat({ model: "chat", messages: [], stream: false });
  isTrue<Equal<(typeof answer.choices)[0]["message"]["content"], string | null | undefined>>();
  const whole: WithMeta<object> = answer;
  const ids: string[] = (await client.models()).data.map(({ id }) => id);
  const scores: number[] = (await client.rerank({ model: "r", query: "q", documents: ["d"] })).results.map(
    ({ relevance_score }) => relevance_score,
  );
  const label: string | undefined = (await client.classify({ model: "c", input: "x" })).data[0]?.label;
  void [vector, tier, used, whole, ids, scores, label];
}

export function explain(error: unknown): HeadraceErrorCode | undefined {
  if (error instanceof HeadraceError) isTrue<Equal<typeof error.retryAfterMs, number | undefined>>();
  return isHeadraceError(error) ? error.code : undefined;
}

// @ts-expect-error a model is required
void client.embed({ input: "x" });
// @ts-expect-error a key and a token exclude each other
new Headrace({ baseURL: "https://ai.example", apiKey: "k", token: "t" });
// @ts-expect-error only a call makes a stream
new (await client.chat({ ...question, stream: true }))();
`;

/** Good in every project: jobs and webhooks, beside the client that knows neither. */
const JOBS_CONSUMER = `
import { Headrace as Core, HeadraceError as CoreError } from "headrace";
import type { ChatCompletion, ChatStream, EmbeddingsResponse, WithMeta } from "headrace";
import { Headrace, HeadraceError, jobs } from "headrace/jobs";
import type { Job, JobEvent, JobParams, JobPages, JobSummary } from "headrace/jobs";
import { unwrap } from "headrace/webhooks";
import type { JobWebhook } from "headrace/webhooks";

const client = new Headrace({ baseURL: "https://ai.example", apiKey: "k" });
const anyClient: Core = client;
const anyError: CoreError = new HeadraceError("x", { code: "timeout", job: "job_1" });
/** Exported, so that its own declaration has to name what it is made of. */
export class Client extends Core.with(jobs).with(({ baseURL }) => ({ page: baseURL + "/app" })) {
  title = "mine";
}
const extended = new (Client.with(() => ({ another: 1 })))({ baseURL: "https://ai.example", apiKey: "k" });
const sameClient: Headrace = extended;
const parts: [string, number, string, Promise<object>] = [
  extended.page,
  extended.another,
  extended.title,
  extended.embed({ model: "embed", input: "a" }),
];
const params: JobParams<"embeddings"> = { task: "embeddings", input: { model: "embed", input: ["a"] } };

export async function use(): Promise<void> {
  const created: Job = await client.jobs.create({ ...params, webhook: { url: "https://me.example" } });
  const ended: Job = await client.jobs.wait(created.id, { cancelOnAbort: true, timeoutMs: 5 });
  const times: [string, string | null] = [ended.created_at, ended.ended_at];
  for await (const event of client.jobs.events(created.id, { after: "1-0" })) told(event);
  const pages: JobPages = client.jobs.list({ status: ["failed"], metadata: { a: "b" } });
  for await (const job of pages) summarize(job);
  const next: string | null = (await pages).next;
  const vectors: WithMeta<object> | EmbeddingsResponse = await client.run("embed", { input: "a" });
  const answer = await client.run("chat", { messages: [{ role: "user", content: "Hi" }] }, { onUpdate: told });
  const completion: ChatCompletion = answer;
  const job: Job = answer.job;
  const stream: ChatStream = await client.run("chat", { messages: [], stream: true });
  const labels = await client.run("labels", { input: "x" }, { task: "classify", job: { priority: "economy" } });
  const label: string | undefined = labels.data[0]?.label;
  const output = await client.jobs.output(created.id);
  const gone: void = await client.jobs.delete(created.id);
  void [times, next, vectors, completion, job, stream, label, output, gone, anyClient, anyError, sameClient, parts];
}

function told(event: JobEvent): string {
  if (event.type === "job.output") return event.output.choices[0]?.delta.content ?? "";
  return event.type === "job.failed" ? event.error : event.id;
}

const summarize = ({ id, status, model }: JobSummary): string => id + status + model;

export async function hear(body: string): Promise<string | null> {
  const { type, data }: JobWebhook = await unwrap(body, { "webhook-id": "1" }, ["whsec_a"], { toleranceSeconds: 9 });
  return type === "job.failed" ? data.error : data.id;
}

// @ts-expect-error an input is its task's
void client.jobs.create({ task: "rerank", input: { model: "m", query: "q" } });
// @ts-expect-error the client without jobs has none
void anyClient.jobs;
// @ts-expect-error a client has the parts that were given, and no others
void extended.reviews;
// @ts-expect-error a part is a function
Core.with({ another: 1 });
`;

/** Good where the project declares a runtime: the types are that runtime's own. */
const ON_A_RUNTIME = `
import { Headrace } from "headrace";
import type { Fetch } from "headrace";

const signal = AbortSignal.timeout(1);
const own: Fetch = (url, init) => fetch(url, init);
const client = new Headrace({ baseURL: "https://ai.example", apiKey: "k", fetch: own });
void client.models({ signal });
new Headrace({ baseURL: "https://ai.example", apiKey: "k", fetch: async () => new Response("{}") });
// @ts-expect-error a signal is an AbortSignal
void client.models({ signal: "no" });
// @ts-expect-error a fetch gives a Response
new Headrace({ baseURL: "https://ai.example", apiKey: "k", fetch: async () => "no" });
`;

/** Good in a Worker: another Worker, by a service binding, is the gateway. */
const IN_A_WORKER = `
import { Headrace } from "headrace";

export default {
  async fetch(_request, { GATEWAY }) {
    const fetch = GATEWAY.fetch.bind(GATEWAY);
    const client = new Headrace({ baseURL: "https://ai.example", apiKey: "k", fetch });
    return Response.json(await client.models());
  },
} satisfies ExportedHandler<{ GATEWAY: Fetcher }>;
`;

/** Good in CommonJS code, which takes ES modules as its own. */
const IN_COMMONJS = `
import jobs = require("headrace/jobs");
import { isHeadraceError } from "headrace";

const client: jobs.Headrace = new jobs.Headrace({ baseURL: "https://ai.example", apiKey: "k" });
const told: boolean = isHeadraceError(client);
export = told;
`;

interface Surroundings {
  readonly lib: readonly string[];
  /** The package that declares the runtime. */
  readonly ambient?: string;
  readonly module: "ESNext" | "NodeNext";
  readonly texts: readonly string[];
  /** `ts` where absent. */
  readonly extension?: "ts" | "cts";
}

describe.concurrent("the published types", () => {
  it.for<[string, Surroundings]>([
    ["a page", { lib: ["ES2022", "DOM"], module: "ESNext", texts: [CONSUMER, JOBS_CONSUMER, ON_A_RUNTIME] }],
    [
      "Node",
      {
        lib: ["ES2022"],
        ambient: "@types/node",
        module: "NodeNext",
        texts: [CONSUMER, JOBS_CONSUMER, ON_A_RUNTIME],
      },
    ],
    [
      "a Worker",
      {
        lib: ["ES2022"],
        ambient: "@cloudflare/workers-types",
        module: "ESNext",
        texts: [CONSUMER, JOBS_CONSUMER, ON_A_RUNTIME, IN_A_WORKER],
      },
    ],
    [
      "CommonJS",
      {
        lib: ["ES2022"],
        ambient: "@types/node",
        module: "NodeNext",
        texts: [IN_COMMONJS],
        extension: "cts",
      },
    ],
    ["no runtime at all", { lib: ["ES2022"], module: "NodeNext", texts: [CONSUMER, JOBS_CONSUMER] }],
  ])("stand alone in a project for %s", async ([name, surroundings], context) => {
    context.expect(await check(join(project, name.replaceAll(" ", "-")), surroundings)).toBe("");
  });
});

/** What snippets of the README take from elsewhere. */
const SURROUNDED_BY: Readonly<Record<string, string>> = {
  Headrace: 'import { Headrace } from "headrace";',
  isHeadraceError: 'import { isHeadraceError } from "headrace";',
  headrace: 'declare const headrace: import("headrace/jobs").Headrace;',
  messages: 'declare const messages: import("headrace").ChatRequest["messages"];',
  params: 'declare const params: import("headrace").EmbeddingsRequest;',
  session: "declare const session: { currentToken(): Promise<string> };",
  wait: "declare const wait: (milliseconds: number | undefined) => void;",
};

function surround(snippet: string): string {
  const has = (pattern: string): boolean => new RegExp(pattern).test(snippet);
  const lacks = (name: string): boolean =>
    has(`(?<!\\.)\\b${name}\\b`) &&
    !has(`import .*\\b${name}\\b.* from`) &&
    !has(`const (\\{[^}]*)?\\b${name}\\b`);
  const lines = Object.entries(SURROUNDED_BY).flatMap(([name, line]) => (lacks(name) ? [line] : []));
  return [...lines, snippet, "export {};"].join("\n");
}

describe("the README", () => {
  it("has snippets that compile", async () => {
    const readme = await read("README.md");
    const snippets = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, snippet = ""]) =>
      surround(snippet),
    );
    expect(snippets.length).toBeGreaterThan(6);
    const ambient = "@types/node";
    const surroundings = { lib: ["ES2022"], ambient, module: "ESNext", texts: snippets } as const;
    expect(await check(join(project, "readme"), surroundings)).toBe("");
  });
});

/** What the compiler says of a project, the package's own types checked as well. */
async function check(
  directory: string,
  { lib, ambient, module, texts, extension = "ts" }: Surroundings,
): Promise<string> {
  await mkdir(directory);
  await symlink(join(project, "node_modules"), join(directory, "node_modules"));
  const sources = texts.map((text, index) => ({ name: `consumer-${index}.${extension}`, text }));
  await Promise.all(sources.map(({ name, text }) => writeFile(join(directory, name), text)));
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    declaration: true,
    skipLibCheck: false,
    target: "ES2022",
    lib,
    types: [],
    module,
    moduleResolution: module === "ESNext" ? "Bundler" : "NodeNext",
  };
  const runtime = ambient === undefined ? [] : [join(root, "node_modules", ambient, "index.d.ts")];
  const files = [...runtime, ...sources.map(({ name }) => name)];
  await writeFile(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  await writeFile(join(directory, "package.json"), JSON.stringify({ type: "module" }));
  return promisify(execFile)(process.execPath, [tsc, "-p", directory]).then(
    ({ stdout }) => stdout,
    (error: { readonly stdout: string }) => error.stdout,
  );
}
