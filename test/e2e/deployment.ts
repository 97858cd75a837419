import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { afterAll, beforeAll, beforeEach, vi } from "vitest";
import type { Fact } from "../../worker/domain/facts/fact.ts";
import { buildWorker } from "../helpers/build-worker.ts";
import { type FakeProvider, startFakeProvider } from "../helpers/fake-provider-client.ts";
import { type Gateway, startGateway } from "../helpers/gateway.ts";

export const API_KEY = "hr_test_e2ee2ee2ee2ee2ee2ee2ee2ee2e";
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** The product as it ships, and the same Worker with a config for tests. */
const CONFIGS = {
  product: at("../../wrangler.toml"),
  test: at("../fixtures/deployment/wrangler.toml"),
};
type BuildName = keyof typeof CONFIGS;

/** Where a run's builds are: runs at the same time have one each. The files' own processes inherit it. */
const BUILDS_VARIABLE = "HEADRACE_TEST_BUILDS";
export const findBuild = (name: BuildName) => ({
  configPath: CONFIGS[name],
  outDir: join(process.env[BUILDS_VARIABLE] ?? "", name),
});

/** The test deployment's bindings, as far as tests reach behind the wire. */
interface Bindings {
  readonly KV: {
    put(key: string, value: string): Promise<void>;
    delete(key: string): Promise<void>;
    list(options: { prefix: string }): Promise<{ keys: readonly { name: string }[] }>;
  };
}

/** The built Worker between a test and two fake providers, all real processes. */
export interface Deployment {
  gateway: Gateway;
  primary: FakeProvider;
  secondary: FakeProvider;
  kv: Bindings["KV"];
  /** Kills the Worker's process and starts another over what it had stored, at another port. */
  restart(): Promise<void>;
  /** POSTs JSON with the test's key; a string is sent as it is. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  chat(body: Record<string, unknown>, headers?: Record<string, string>): Promise<Response>;
  embed(body: Record<string, unknown>, headers?: Record<string, string>): Promise<Response>;
}

/** vitest's globalSetup of the end-to-end tests: builds both, once a run; gives what takes them away again. */
export async function setup({ config, provide }: TestProject): Promise<() => Promise<void>> {
  provide("writesDocuments", config.snapshotOptions.updateSnapshot === "all");
  const folder = await mkdtemp(join(tmpdir(), "headrace-builds-"));
  process.env[BUILDS_VARIABLE] = folder;
  const builds = (["product", "test"] as const).map(findBuild);
  await Promise.all(builds.map(({ configPath, outDir }) => buildWorker(configPath, outDir)));
  return () => rm(folder, { recursive: true, force: true });
}

/** All files of a process share their providers, which forget everything before each test and end with the process. */
let providers: Promise<readonly [FakeProvider, FakeProvider]> | undefined;
const useProviders = () => (providers ??= Promise.all([startFakeProvider(), startFakeProvider()]));

interface DeploymentOptions {
  readonly build?: BuildName;
  /** Secrets and variables besides those of the providers. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly inspected?: boolean;
}

/** Starts a deployment for a file's tests; providers forget their faults before each test. */
export function useDeployment({
  build = "test",
  vars: more = {},
  inspected = false,
}: DeploymentOptions = {}): Deployment {
  const deployment = {} as Deployment;
  let persistTo = "";
  beforeAll(async () => {
    const [primary, secondary] = await useProviders();
    // A file's own hooks run before the first test, and the file before it has left its last faults.
    await Promise.all([primary.reset(), secondary.reset()]);
    const vars = {
      HEADRACE_API_KEY: API_KEY,
      PRIMARY_URL: `${primary.url}/v1`,
      PRIMARY_KEY: "sk-primary-secret",
      CLAUDE_URL: `${primary.url}/v1`,
      CLAUDE_KEY: "sk-ant-secret",
      GEMINI_URL: `${primary.url}/v1beta`,
      GEMINI_KEY: "AIza-gemini-secret",
      AZURE_URL: primary.url,
      AZURE_KEY: "azure-secret",
      SECONDARY_URL: `${secondary.url}/v1/`,
      OPENAI_BASE_URL: `${primary.url}/v1`,
      OPENAI_API_KEY: "sk-openai-secret",
      ...more,
    };
    persistTo = await mkdtemp(join(tmpdir(), "headrace-state-"));
    const open = async () => {
      const gateway = await startGateway({ ...findBuild(build), vars, persistTo, inspected });
      const { KV: kv } = await gateway.bindings<Bindings>();
      Object.assign(deployment, { gateway, kv });
    };
    deployment.restart = () => deployment.gateway.stop().then(open);
    Object.assign(deployment, { primary, secondary });
    await open();
  });
  beforeEach(async () => {
    await Promise.all([deployment.primary.reset(), deployment.secondary.reset()]);
  });
  afterAll(async () => {
    await deployment.gateway?.stop();
    if (persistTo !== "") await rm(persistTo, { recursive: true, force: true });
  });
  deployment.post = (path, body, headers = {}) =>
    fetch(deployment.gateway.url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  deployment.chat = (body, headers) => deployment.post("/v1/chat/completions", body, headers);
  deployment.embed = (body, headers) => deployment.post("/v1/embeddings", body, headers);
  return deployment;
}

/** A conversation of one turn. */
export const says = (content: string) => [{ role: "user", content }];

export interface ErrorReply {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly code: string;
    readonly param: string | null;
    readonly request_id: string;
    readonly retryable: boolean;
  };
}

/** Reads an error response; fails where the body has another shape. */
export async function readError(response: Response): Promise<ErrorReply["error"]> {
  const body = (await response.json()) as ErrorReply;
  if (typeof body.error?.code !== "string") throw new Error(`not an error body: ${JSON.stringify(body)}`);
  return body.error;
}

/** Waits for what the Worker tells of a request, which is logged some time after the response. */
export function findFact(gateway: Gateway, kind: Fact["kind"], request: string): Promise<Fact> {
  return vi.waitFor(() => {
    const found = readFacts(gateway).find(
      (fact) => fact.kind === kind && "request" in fact && fact.request === request,
    );
    if (!found) throw new Error(`no ${kind} of ${request} is told`);
    return found;
  }, 5000);
}

/** All that the Worker has told in its log. */
export const readFacts = (gateway: Gateway): Fact[] =>
  gateway.logs().flatMap(({ message }) => {
    const line = message.startsWith("{") ? (JSON.parse(message) as { readonly facts?: Fact[] }) : {};
    return line.facts ?? [];
  });
