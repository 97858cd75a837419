import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { PRESET_NAMES, type Preset, PRESETS } from "../../../worker/contract/config/presets.ts";
import type { HttpTask } from "../../../worker/domain/routing/adapter.ts";
import { computeCost } from "../../../worker/domain/money/cost.ts";
import { parseConfig } from "../../../worker/domain/config/parse-config.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { buildRegistry } from "../../../worker/providers/registry.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";
import { describeAdapter } from "./describe-adapter.ts";

/** The tasks of a preset that differ from OpenAI's; of the others the fixtures of `openai` speak. */
const odd = {
  cohere: ["chat", "embeddings", "rerank"],
  fireworks: ["rerank"],
  jina: ["embeddings"],
  mistral: ["chat", "embeddings"],
  perplexity: ["chat"],
  tei: ["embeddings", "rerank"],
  voyage: ["embeddings", "rerank"],
} as const;

for (const name of Object.keys(odd) as (keyof typeof odd)[]) {
  const preset: Preset = { ...PRESETS[name], tasks: odd[name], responses: false };
  describeAdapter(`openai/presets/${name}`, createOpenai(preset));
}

const registry = buildRegistry({});
const connection = { baseUrl: "https://p.example/v1", apiKey: "sk-1", headers: { "x-team": "blue" } };
const presets: [string, Preset][] = Object.entries(PRESETS);

describe("a preset", () => {
  it.each(presets)("offers what it says and no more: %s", (_, preset) => {
    const tasks: string[] = [...(preset.tasks ?? []), ...(preset.responses ? ["responses"] : [])];
    expect(Object.keys(createOpenai(preset)).toSorted()).toEqual(tasks.toSorted());
  });

  it.each(presets)(
    "is at https or on this machine, without a slash at its end: %s",
    (_, { baseUrl, key }) => {
      expect(baseUrl).toMatch(
        key === undefined ? /^http:\/\/127\.0\.0\.1:\d+(\/v1)?$/ : /^https:\/\/[^ ]+[^/]$/,
      );
    },
  );

  it("that is not known is not taken", () => {
    const config = { providers: { p: { kind: "openai", preset: "grok" } }, routes: {} };
    expect(errorOf(parseConfig(config, registry))).toContain("providers.p.preset");
  });

  it("says in the config's error what it offers", () => {
    const config = {
      providers: { groq: { kind: "openai", preset: "groq" } },
      routes: { embed: { task: "embeddings", targets: [{ provider: "groq", model: "m" }] } },
    };
    expect(errorOf(parseConfig(config, registry))).toContain("'groq' offers chat, ");
    expect(errorOf(parseConfig(config, registry))).toContain(", not embeddings");
  });
});

describe("a server without a preset", () => {
  it("is taken to do everything but the Responses API and classify", () => {
    const offered = Object.keys(createOpenai({})).toSorted();
    expect(offered).toEqual(
      [
        "chat",
        "completions",
        "embeddings",
        "images",
        "moderations",
        "rerank",
        "speech",
        "transcriptions",
      ].toSorted(),
    );
  });
});

describe("an upload", () => {
  it("goes to the server's path with the key and the config's headers, its own content type untouched", () => {
    expect(createOpenai(PRESETS.groq).transcriptions?.buildRequest(connection, "transcriptions")).toEqual({
      url: "https://p.example/v1/audio/transcriptions",
      headers: { authorization: "Bearer sk-1", "x-team": "blue" },
    });
  });
});

describe("usage that tells the total alone", () => {
  it("counts as input, so that it costs something", () => {
    const embeddings = createOpenai(PRESETS.voyage).embeddings as HttpTask<"embeddings">;
    const text = '{"data":[{"index":0,"embedding":[0.1]}],"usage":{"total_tokens":1000000}}';
    const { usage } = valueOf(embeddings.parseResponse(text, { model: "embed", input: "a" }));
    const target = {
      model: "voyage-3.5",
      price: { inputPerMillion: 0.06 },
      runsIn: "provider" as const,
      connection,
      conditions: [],
    };
    expect(computeCost(usage, target)).toBeCloseTo(0.06, 10);
  });
});

describe("docs/providers.md", () => {
  const page = readFileSync(new URL("../../../docs/providers.md", import.meta.url), "utf8");
  const rows = new Map(
    page
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .map((line) => line.split("|").map((cell) => cell.trim()))
      .map(([, first = "", ...cells]) => [first.replaceAll("`", ""), cells] as const),
  );

  it.each(PRESET_NAMES)(
    "has a row for the preset %s that says where it is, its secret and its tasks",
    (name) => {
      const { baseUrl, key, tasks, responses }: Preset = PRESETS[name];
      const [where = "", secret = "", offered = ""] = rows.get(name) ?? [];
      expect(where).toBe(`\`${baseUrl}\``);
      expect(secret).toBe(key === undefined ? "none" : `\`${key}\``);
      expect(offered).toBe([...tasks, ...(responses ? ["responses"] : [])].join(", "));
    },
  );

  it("has a config for a model server of one's own that is valid", async () => {
    const [, snippet = ""] = /^```ts config\n(.*?)^```$/ms.exec(page) ?? [];
    const folder = new URL("../../../out/docs/", import.meta.url);
    await mkdir(folder, { recursive: true });
    const file = new URL("headrace.config.ts", folder);
    await writeFile(file, snippet);
    const { default: config } = (await import(file.href)) as { default: unknown };
    expect(parseConfig(config, registry)).toMatchObject({ ok: true });
  });

  const refusal = errorOf(parseConfig({ providers: { p: { kind: "?" } }, routes: {} }, registry));
  const kinds = [...refusal.matchAll(/'([a-z-]+)'/g)].map(([, kind = ""]) => kind);

  it.each(["embedded", ...kinds])("has a row for the kind %s", (kind) => {
    expect([...rows.keys()].some((row) => row === `kind: "${kind}"`)).toBe(true);
  });
});
