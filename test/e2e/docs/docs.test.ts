import { readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { parseYaml } from "@redocly/openapi-core";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { experimental_readRawConfig as readToml } from "wrangler";
import { webhookPayload } from "../../../worker/contract/webhooks.ts";
import { parseConfig } from "../../../worker/domain/config/parse-config.ts";
import { buildRegistry } from "../../../worker/providers/registry.ts";
import { API_KEY, findFact, says, useDeployment } from "../deployment.ts";
import { readBlocks, ROOT } from "./markdown-blocks.ts";
import { Runner, writeModule } from "./run-code.ts";

const app = useDeployment({ build: "product" });
const runner = new Runner(() => app.gateway.url);
const blocks = readBlocks();
const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** How a block is shown to work; or why it is not run. */
type Check = ((code: string) => Promise<void>) | { readonly notRun: string };

const SDK = `import { Headrace, isHeadraceError } from "headrace";
const headrace = new Headrace({ baseURL: process.env.HEADRACE_URL, apiKey: process.env.HEADRACE_API_KEY, maxRetries: 0 });
`;
const WEBHOOK_SECRET = Buffer.from("a secret of thirty-two characters").toString("base64");

/** A script that has to print this, after what stands before it in the document or is left to the reader. */
const prints =
  (expected: string | RegExp, before = "", after = ""): Check =>
  async (code) => {
    const printed = await runner.script(`${before}${code}${after}`);
    if (typeof expected === "string") expect(printed).toBe(expected);
    else expect(printed).toMatch(expected);
  };

const isConfig: Check = async (code) => {
  const { default: config } = (await import(await writeModule(code))) as { default: unknown };
  expect(parseConfig(config, buildRegistry({}))).toMatchObject({ ok: true });
};
const isRoute =
  (provider: string): Check =>
  (code) =>
    isConfig(`export default { providers: { ${provider} }, routes: { ${code} } };`);

/** Commands that other tests run, or that take minutes: they are there, and so are the scripts behind them. */
const areCommands: Check = async (code) => {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as { scripts: object };
  const named = [...code.matchAll(/\bnpm (?:run )?([a-z:]+)/g)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => name !== "ci" && !(name in scripts))).toEqual([]);
};
const ACCOUNT = { notRun: "needs an account of Cloudflare's" };

/** Stands in for a Python package: prints what its classes and their methods are given. */
const TELLS = (name: string, ...classes: string[]) => `import json, sys, types
class Tells:
    def __init__(self, **given): print(json.dumps(given))
    def __getattr__(self, name): return lambda **given: print(json.dumps(given))
sys.modules["${name}"] = types.SimpleNamespace(${classes.map((each) => `${each}=Tells`).join(", ")})
`;
/** Stands in for Voyage's, whose methods take the texts without naming them. */
const VOYAGE = `import json, sys, types
class Client:
    def __init__(self, **given): print(json.dumps(given))
    def rerank(self, query, documents, **given): print(json.dumps({"query": query, "documents": documents, **given}))
    def embed(self, input, **given): print(json.dumps({"input": input, **given}))
sys.modules["voyageai"] = types.SimpleNamespace(Client=Client)
`;
const told = async (code: string): Promise<Record<string, unknown>[]> =>
  (await runner.python(code)).split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);

/** What an address answers to a client that has its settings from a document. */
async function ask(url: unknown, key: unknown, body: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${String(key)}`, "content-type": "application/json" };
  const response = await fetch(String(url), { method: "POST", headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return response.json();
}
const RANKED = { query: "capital of France", documents: ["Rome", "Paris"], top_n: 1 };
const asksChat = async (base: unknown, key: unknown, model: unknown) =>
  expect(await ask(`${String(base)}/chat/completions`, key, { model, messages: says("hi") })).toMatchObject({
    choices: [{ message: { content: "echo: hi" } }],
  });
const asksEmbeddings = async (base: unknown, key: unknown, model: unknown) =>
  expect(await ask(`${String(base)}/embeddings`, key, { model, input: "hi" })).toMatchObject({ data: [{}] });
const asksRerank = async (url: unknown, key: unknown, model: unknown) =>
  expect(await ask(url, key, { model, ...RANKED })).toMatchObject({
    results: [{ index: expect.any(Number) }],
  });

const CHECKS: Readonly<Record<string, Check>> = {
  "README.md, Run it: sh": areCommands,
  "README.md, Call it: sh": async (code) => {
    expect(JSON.parse(await runner.shell(code))).toMatchObject({ model: "words-en", data: [{ index: 0 }] });
  },
  "README.md, Call it: ts": prints("100"),
  "README.md, Call it: ts (2)": prints("1 targets[0]=embedded/words-en false"),
  "README.md, Add a provider's key: ts config": isConfig,
  "README.md, What the log tells: json": async (code) => {
    await (await app.embed({ model: "embed", input: "hi" }, { "x-request-id": "docs" })).text();
    const { facts } = JSON.parse(code) as { facts: [object] };
    const fact = await findFact(app.gateway, "answer", "docs");
    expect(Object.keys(facts[0]).toSorted()).toEqual(Object.keys(fact).toSorted());
  },
  "README.md, Windows: many small requests, few calls: ts": isRoute(
    'mine: { kind: "openai", preset: "vllm" }',
  ),
  "README.md, Jobs: accepted once, run to the end: ts": prints("2 succeeded"),
  "README.md, Deploy it: sh": ACCOUNT,

  "docs/architecture.md, Architecture: mermaid": {
    notRun: "a picture; what it names is looked for elsewhere",
  },

  "docs/clients.md, Claude Code: sh": async (code) => {
    const script = await writeModule(`import Anthropic from "@anthropic-ai/sdk";
const messages = [{ role: "user", content: "hi" }];
for (const model of [process.env.ANTHROPIC_MODEL, process.env.ANTHROPIC_DEFAULT_HAIKU_MODEL]) {
  const message = await new Anthropic().messages.create({ model, max_tokens: 9, messages });
  console.log(message.content[0].text);
}`);
    expect(await runner.shell(`${code}\n"${process.execPath}" "${script}"`)).toBe("echo: hi\necho: hi");
  },
  "docs/clients.md, Codex: toml": async (code) => {
    const { rawConfig } = readToml({ config: await writeModule(runner.place(code), "toml") });
    const { model, model_provider: name, model_providers: providers } = rawConfig as unknown as CodexConfig;
    const { base_url: base, env_key: key, wire_api: api } = providers[name] ?? {};
    expect(key).toBe("HEADRACE_API_KEY");
    expect(await ask(`${base}/${api}`, API_KEY, { model, input: "hi" })).toMatchObject({
      object: "response",
    });
  },
  "docs/clients.md, AI SDK: ts": prints("native echo: Hello!"),
  "docs/clients.md, LangChain: python": async (code) => {
    const [chat, vectors] = await told(
      `${TELLS("langchain_openai", "ChatOpenAI", "OpenAIEmbeddings")}${code}`,
    );
    await asksChat(chat?.["base_url"], chat?.["api_key"], chat?.["model"]);
    await asksEmbeddings(vectors?.["base_url"], vectors?.["api_key"], vectors?.["model"]);
  },
  "docs/clients.md, Cohere: python": async (code) => {
    const [client, asked] = await told(`${TELLS("cohere", "ClientV2")}${code}`);
    const answer = await ask(`${String(client?.["base_url"])}/v2/rerank`, client?.["api_key"], asked ?? {});
    expect(answer).toMatchObject({ id: expect.any(String), results: [{}] });
  },
  "docs/clients.md, Voyage and Jina: python": async (code) => {
    const [client, ranked, embedded] = await told(`${VOYAGE}${code}`);
    const at = (path: string) => `${String(client?.["base_url"])}/${path}`;
    expect(await ask(at("rerank"), client?.["api_key"], ranked ?? {})).toMatchObject({ data: [{}] });
    expect(await ask(at("embeddings"), client?.["api_key"], embedded ?? {})).toMatchObject({ data: [{}] });
  },
  "docs/clients.md, Continue: yaml": async (code) => {
    const { models } = parseYaml(runner.place(code)) as { models: ContinueModel[] };
    const asks = { chat: asksChat, embed: asksEmbeddings, rerank: asksRerank };
    expect(models.map(({ roles }) => roles[0])).toEqual(Object.keys(asks));
    for (const { apiBase, apiKey, model, roles } of models) {
      expect(apiKey).toBe("${{ secrets.HEADRACE_API_KEY }}");
      const [role] = roles;
      await asks[role](role === "rerank" ? `${apiBase}/rerank` : apiBase, API_KEY, model);
    }
  },
  "docs/clients.md, Open WebUI: sh": async (code) => {
    const env = await runner.shell(`set -a\n${code}\n"${process.execPath}" -p "JSON.stringify(process.env)"`);
    const set = JSON.parse(env) as Record<string, string>;
    await asksChat(set["OPENAI_API_BASE_URL"], set["OPENAI_API_KEY"], "chat");
    await asksEmbeddings(
      set["RAG_OPENAI_API_BASE_URL"],
      set["RAG_OPENAI_API_KEY"],
      set["RAG_EMBEDDING_MODEL"],
    );
    const [url, key] = [set["RAG_EXTERNAL_RERANKER_URL"], set["RAG_EXTERNAL_RERANKER_API_KEY"]];
    await asksRerank(url, key, set["RAG_RERANKING_MODEL"]);
  },
  "docs/clients.md, Tools that a target has not: ts config": isConfig,

  "docs/performance.md, What the gateway costs: sh": areCommands,

  "docs/providers.md, A model server of your own: ts config": isConfig,
  "docs/providers.md, Several keys: ts": (code) =>
    isConfig(`import { secret } from "headrace/config";
      export default { providers: { ${code} }, routes: {} };`),
  "docs/providers.md, Workers AI: sh": ACCOUNT,

  "docs/routing.md, Routing: ts config": isConfig,

  "docs/webhooks.md, Webhooks: how a job's end is reported: json": async (code) => {
    const notice = JSON.parse(code.replace("job_…", `job_${"a".repeat(43)}`)) as { data: object };
    const { data } = webhookPayload.parse(notice);
    expect(Object.keys(notice.data)).toEqual(Object.keys(data));
  },
  "docs/webhooks.md, Receive it: ts": prints(
    "42",
    `const secret = "whsec_${WEBHOOK_SECRET}";
const body = '{"data":42}';
const at = new Date();
const headers = {
  "webhook-id": "msg_1",
  "webhook-timestamp": String(Math.floor(at / 1000)),
  "webhook-signature": new Webhook(secret).sign("msg_1", at, body),
};
`,
    "console.log(notice.data);",
  ),

  "docs/reliability.md, How many calls at once: ts": (code) =>
    isConfig(`export default { providers: { ${code} }, routes: {} };`),
  "docs/windows.md, How this was made: sh": areCommands,
  "docs/routing.md, Conditions: ts": isRoute('openai: { kind: "openai", preset: "openai" }'),
  "docs/routing.md, Conditions: text": async (code) => {
    const targets = [
      { provider: "openai", model: "a" },
      { provider: "openai", model: "b", when: "token < 8000" },
    ];
    const config = {
      providers: { openai: { kind: "openai", preset: "openai" } },
      routes: { chat: { task: "chat", targets } },
    };
    const [first = "", ...place] = code.trimEnd().split("\n");
    const parsed = parseConfig(config, buildRegistry({}));
    expect(parsed).toMatchObject({ ok: false, error: expect.stringContaining(`\n${place.join("\n")}`) });
    expect(parsed).toMatchObject({ error: expect.stringContaining(first.replace(/…$/, "")) });
  },
  "docs/routing.md, What would be done with a request: sh": async (code) => {
    expect(JSON.parse(await runner.shell(code))).toMatchObject({
      object: "plan",
      route: "embed",
      targets: [{ target: "targets[0]=embedded/words-en", estimated_cost_usd: 0 }],
    });
  },
  "docs/windows.md, Jobs: ts": isRoute('openai: { kind: "openai", preset: "openai" }'),

  "sdk/README.md, Calls: ts": prints(
    /^2 1 positive echo: Hello! \d+$/,
    "",
    `console.log(vectors.data.length, ranked.results[0]?.index, labels.data[0]?.label,
  answer.choices[0]?.message.content, models.data.length);`,
  ),
  "sdk/README.md, Streams: ts": prints(
    "echo: Hi",
    `${SDK}const messages = [{ role: "user", content: "Hi" }];\n`,
  ),
  "sdk/README.md, Streams: ts (2)": async (code) => {
    await app.primary.fault({ kind: "cut", after: 2 }, { times: 1 });
    const before = `${SDK.replace("maxRetries: 0", "maxRetries: 1")}const messages = [{ role: "user", content: "Hi" }];\n`;
    expect(await runner.script(`${before}${code}console.log(shown, answer.restarts);`)).toBe("echo: Hi 1");
  },
  "sdk/README.md, Jobs: ts": prints("2 succeeded"),
  "sdk/README.md, Jobs: ts (2)": async (code) => {
    const printed = await runner.script(`${blocks.get("sdk/README.md, Jobs: ts")}${code}`);
    const [, ...lines] = printed.split("\n");
    expect(lines.slice(0, 4)).toEqual(["job.queued", "job.started", "job.succeeded", "succeeded 0 1"]);
    expect(lines.at(-1)).toMatch(/^job_\S{43} succeeded$/);
  },
  "sdk/README.md, Parts: ts": prints("true succeeded"),
  "sdk/README.md, Webhooks: ts": async (code) => {
    const { default: receiver } = (await import(await writeModule(code))) as { default: Receiver };
    const body = '{"type":"job.succeeded","data":{"id":"job_1"}}';
    const at = new Date();
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(WEBHOOK_SECRET).sign("msg_1", at, body),
    };
    const request = new Request("https://app.example/hooks", { method: "POST", headers, body });
    expect((await receiver.fetch(request, { SECRET: WEBHOOK_SECRET })).status).toBe(204);
  },
  "sdk/README.md, Errors: ts": async (code) => {
    await app.primary.fault({ kind: "status", status: 429, headers: { "retry-after": "7" } });
    const before = `${SDK}const params = { model: "openai/text-embedding-3-small", input: "x" };
const wait = console.log;
`;
    expect(await runner.script(before + code)).toBe("7000");
  },
  "sdk/README.md, In a page: ts": prints(
    "list",
    'import { Headrace } from "headrace";\nconst session = { currentToken: () => process.env.HEADRACE_API_KEY };\n',
    "console.log((await headrace.models()).object);",
  ),
};

interface CodexConfig {
  readonly model: string;
  readonly model_provider: string;
  readonly model_providers: Record<string, { base_url: string; env_key: string; wire_api: string }>;
}
interface ContinueModel {
  readonly apiBase: string;
  readonly apiKey: string;
  readonly model: string;
  readonly roles: ["chat" | "embed" | "rerank"];
}
interface Receiver {
  fetch(request: Request, env: { readonly SECRET: string }): Promise<Response>;
}

describe("the blocks of code of all Markdown files", () => {
  it("are all run, or it is said why not", () => {
    expect([...blocks.keys()].filter((name) => !(name in CHECKS))).toEqual([]);
    expect(Object.keys(CHECKS).filter((name) => !blocks.has(name))).toEqual([]);
  });

  for (const [name, check] of Object.entries(CHECKS)) {
    if ("notRun" in check) continue;
    it.skipIf(name.endsWith(": python") && !hasPython)(`work as written: ${name}`, () =>
      check(blocks.get(name) ?? ""),
    );
  }
});

describe("the README", () => {
  it("names only commands and files that exist", async () => {
    const readme = readFileSync(`${ROOT}README.md`, "utf8");
    await areCommands(readme);
    for (const [, path = ""] of readme.matchAll(/\]\(([^)#]+)\)/g)) readFileSync(ROOT + path);
  });
});

describe("the examples", () => {
  it("call by OpenAI's client, and find the answer in the cache the second time", async () => {
    const [first, second] = (await runner.file("examples/openai-client.ts")).split("\n");
    expect([first, second]).toEqual([
      expect.stringMatching(/^first {3}100 dimensions {2}headrace; fwd=miss/),
      expect.stringMatching(/^second {2}100 dimensions {2}headrace; hit/),
    ]);
  });

  it("search", async () => {
    expect(await runner.file("examples/sdk-search.ts")).toMatch(/^\d\.\d{3} {2}Taxis wait/);
  });

  it("do a job's work once, however often they are run", async () => {
    const first = (await runner.file("examples/sdk-jobs.ts", "a test")).split("\n");
    expect(first.filter((line) => line.endsWith(" is new"))).toHaveLength(3);
    expect(first.filter((line) => line.endsWith(" job.succeeded"))).toHaveLength(3);
    expect(first.at(-1)).toBe("3 vectors by one job, in 1 attempt(s)");
    const second = (await runner.file("examples/sdk-jobs.ts", "a test")).split("\n");
    expect(second.filter((line) => line.endsWith(" was there already"))).toHaveLength(3);
  });
});
