import { describe, expect, it } from "vitest";
import type { ConfigInput } from "../../../worker/contract/config/config.ts";
import { parseConfig } from "../../../worker/domain/config/parse-config.ts";
import { buildCatalog } from "../../../worker/domain/routing/catalog.ts";
import { buildRegistry } from "../../../worker/providers/registry.ts";
import { valueOf } from "../unwrap-result.ts";

const registry = buildRegistry({});
const http = { baseUrl: { variable: "URL" }, apiKey: { secret: "KEY" } };
const tasks = { embeddings: { path: "/embed", outputs: "results" } };
const SETTINGS: Readonly<Record<string, string>> = { URL: "https://p.example/v1/", KEY: "sk-1" };

function probeOf(provider: ConfigInput["providers"][string]) {
  const config = valueOf(parseConfig({ providers: { p: provider }, routes: {} }, registry));
  const found = buildCatalog(config, registry, (name) => SETTINGS[name]).providers.get("p");
  return found?.available ? found.probe : undefined;
}

describe("a provider is probed by what costs nothing", () => {
  it.each([
    ["openai", { kind: "openai", ...http }, "https://p.example/v1/models", "authorization"],
    ["anthropic", { kind: "anthropic", ...http }, "https://p.example/v1/models", "x-api-key"],
    ["google", { kind: "google", ...http }, "https://p.example/v1/models", "x-goog-api-key"],
    ["azure-openai", { kind: "azure-openai", ...http }, "https://p.example/v1/openai/v1/models", "api-key"],
    ["http", { kind: "http", ...http, tasks }, "https://p.example/v1/", "authorization"],
    [
      "its own path",
      { kind: "openai", ...http, probe: "/health" },
      "https://p.example/v1/health",
      "authorization",
    ],
  ] as const)("%s", (_, provider, url, header) => {
    const probe = probeOf(provider);
    expect(probe?.url).toBe(url);
    expect(probe?.headers[header]).toContain("sk-1");
  });

  it("not where the config says so", () => {
    expect(probeOf({ kind: "openai", ...http, probe: false })).toBeUndefined();
  });

  it("whose path is checked", () => {
    const config = { providers: { p: { kind: "openai", ...http, probe: "health" } }, routes: {} };
    expect(parseConfig(config, registry)).toMatchObject({
      error: expect.stringContaining("providers.p.probe: "),
    });
  });
});
