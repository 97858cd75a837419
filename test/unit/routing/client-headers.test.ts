import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../worker/domain/config/parse-config.ts";
import type { Connection } from "../../../worker/domain/routing/adapter.ts";
import { buildCatalog } from "../../../worker/domain/routing/catalog.ts";
import {
  asksByHeader,
  keepHeaders,
  passOnHeaders,
  readBetas,
} from "../../../worker/domain/routing/client-headers.ts";
import { buildRegistry } from "../../../worker/providers/registry.ts";
import { valueOf } from "../unwrap-result.ts";

const read = (headers: Record<string, string>) => (name: string) => headers[name] ?? null;
const connection: Connection = { baseUrl: "https://p.example", apiKey: "sk-1", headers: {} };
const claude = { ...connection, clientHeaders: ["anthropic-beta", "x-title"] };

describe("a client's headers", () => {
  it("go up where the provider's list names them, and no others", () => {
    const sent = {
      "anthropic-beta": "a",
      "x-title": "T",
      authorization: "Bearer hr",
      cookie: "c",
      "x-other": "o",
    };
    expect(passOnHeaders(read(sent), claude)).toEqual({ "anthropic-beta": "a", "x-title": "T" });
    expect(passOnHeaders(read(sent), connection)).toBeUndefined();
    expect(passOnHeaders(read({ authorization: "Bearer hr" }), claude)).toBeUndefined();
  });

  it("count after what the config sets, but for betas, of which both are asked for", () => {
    const configured = { ...claude, headers: { "anthropic-beta": "mine", "x-title": "Ours" } };
    expect(passOnHeaders(read({ "anthropic-beta": "theirs", "x-title": "Theirs" }), configured)).toEqual({
      "anthropic-beta": "mine,theirs",
    });
  });

  it("do not go up where they are longer than anybody needs", () => {
    expect(passOnHeaders(read({ "x-title": "x".repeat(1025) }), claude)).toBeUndefined();
  });

  it("ask for another answer where they are betas, and for the same where they only tell who asks", () => {
    expect(readBetas(read({ "anthropic-beta": "a", "x-title": "T" }))).toEqual({ "anthropic-beta": "a" });
    expect(readBetas(read({ "openai-beta": "b" }))).toEqual({ "openai-beta": "b" });
    expect(readBetas(read({ "x-title": "T", authorization: "Bearer hr" }))).toBeUndefined();
  });
});

describe("the headers that a job keeps of its request", () => {
  const targets = [
    { connection: claude },
    { connection: { ...connection, clientHeaders: ["x-session-id"] } },
  ];

  it("are those of its targets' lists, each of a bounded length", () => {
    const sent = { "x-title": "T", "x-session-id": "s", "anthropic-beta": "b".repeat(1025), cookie: "c" };
    expect(keepHeaders(read({ ...sent, authorization: "Bearer hr" }), targets)).toEqual({
      "x-title": "T",
      "x-session-id": "s",
    });
    expect(keepHeaders(read(sent), [{ connection }])).toEqual({});
  });
});

describe("a request that asks for something by its headers", () => {
  it("asks it of those who take the header only, and telling who asks is asking for nothing", () => {
    const asks = (headers: Record<string, string>, of: object) =>
      asksByHeader(read(headers), { connection: of });
    expect(asks({ "anthropic-beta": "a" }, claude)).toBe(true);
    expect(asks({ "x-title": "T" }, claude)).toBe(false);
    expect(asks({ "anthropic-beta": "a" }, connection)).toBe(false);
    expect(asksByHeader(undefined, { connection: claude })).toBe(false);
  });
});

describe("the list of a provider's headers", () => {
  const baseUrl = { variable: "URL" };
  const listOf = (provider: object) => {
    const registry = buildRegistry({});
    const config = valueOf(parseConfig({ providers: { p: provider }, routes: {} }, registry));
    const found = buildCatalog(config, registry, () => "https://p.example").providers.get("p");
    return found?.available ? found.connection.clientHeaders : undefined;
  };

  it.each([
    [{ kind: "anthropic" }, ["anthropic-beta"]],
    [{ kind: "openai", preset: "openai" }, expect.arrayContaining(["openai-beta"])],
    [{ kind: "openai", preset: "openrouter" }, expect.arrayContaining(["http-referer", "x-title"])],
    [{ kind: "azure-openai", baseUrl }, expect.arrayContaining(["openai-beta"])],
    [{ kind: "openai", preset: "vllm" }, undefined],
    [{ kind: "openai", baseUrl }, undefined],
    [{ kind: "google" }, undefined],
  ])("is its kind's or its preset's: %j", (provider, list) => {
    expect(listOf(provider)).toEqual(list);
  });
});
