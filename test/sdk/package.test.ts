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
import * as source from "../../sdk/index.ts";

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
  it("is at most 5 KB, gzipped", async () => {
    expect(gzipSync(await read("headrace.js"), { level: 9 }).length).toBeLessThanOrEqual(5 * 1024);
  });

  it("exports what the source exports, and imports nothing", async () => {
    const built = (await import(join(installed, "headrace.js"))) as object;
    expect(Object.keys(built).toSorted()).toEqual(Object.keys(source).toSorted());
    for (const name of ["headrace.js", "headrace.d.ts"]) {
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
      readonly exports: { readonly ".": Readonly<Record<string, string>> };
      readonly files: readonly string[];
    };
    const named = [...Object.values(manifest.exports["."]), ...manifest.files, "README.md", "LICENSE"];
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

interface Surroundings {
  readonly lib: readonly string[];
  /** The package that declares the runtime. */
  readonly ambient?: string;
  readonly module: "ESNext" | "NodeNext";
  readonly texts: readonly string[];
}

describe.concurrent("the published types", () => {
  it.for<[string, Surroundings]>([
    ["a page", { lib: ["ES2022", "DOM"], module: "ESNext", texts: [CONSUMER, ON_A_RUNTIME] }],
    [
      "Node",
      { lib: ["ES2022"], ambient: "@types/node", module: "NodeNext", texts: [CONSUMER, ON_A_RUNTIME] },
    ],
    [
      "a Worker",
      {
        lib: ["ES2022"],
        ambient: "@cloudflare/workers-types",
        module: "ESNext",
        texts: [CONSUMER, ON_A_RUNTIME, IN_A_WORKER],
      },
    ],
    ["no runtime at all", { lib: ["ES2022"], module: "NodeNext", texts: [CONSUMER] }],
  ])("stand alone in a project for %s", async ([name, surroundings], context) => {
    context.expect(await check(join(project, name.replaceAll(" ", "-")), surroundings)).toBe("");
  });
});

/** What the compiler says of a project, the package's own types checked as well. */
async function check(directory: string, { lib, ambient, module, texts }: Surroundings): Promise<string> {
  await mkdir(directory);
  await symlink(join(project, "node_modules"), join(directory, "node_modules"));
  const sources = texts.map((text, index) => ({ name: `consumer-${index}.ts`, text }));
  await Promise.all(sources.map(({ name, text }) => writeFile(join(directory, name), text)));
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
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
