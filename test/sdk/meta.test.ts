import { describe, expect, it } from "vitest";
import { Headrace } from "../../sdk/index.ts";
import { parseMeta } from "../../sdk/meta.ts";
import { embeddings, embedParams, json, useLocalServer } from "./local-server.ts";

const metaOf = (headers: Record<string, string>) => parseMeta(new Response("", { headers }), 0);

describe("parseMeta", () => {
  it("reads every header of the gateway", () => {
    const headers = {
      "x-request-id": "req_1",
      "x-headrace-target": "targets[1]=openai/gpt-4o-mini",
      "x-headrace-route": "chat",
      "x-headrace-attempts": "2",
      "x-headrace-config": "c0ffee",
      "x-headrace-window": "4f2a91c0-17;size=32;waited_ms=3",
      "x-headrace-cost-usd": "0.000123",
      age: "7",
      "cache-status": "headrace; hit; ttl=30; detail=memory",
      "retry-after": "1",
      "idempotent-replayed": "true",
      "server-timing": "auth;dur=0.1, cache;dur=0.2, upstream;dur=30.1, total;dur=31.2",
    };
    expect(parseMeta(new Response("", { headers }), 1)).toEqual({
      requestId: "req_1",
      status: 200,
      target: "targets[1]=openai/gpt-4o-mini",
      route: "chat",
      attempts: 2,
      config: "c0ffee",
      costUsd: 0.000123,
      cache: { hit: true, tier: "memory", collapsed: false, stored: false, ttlSeconds: 30 },
      window: { id: "4f2a91c0-17", size: 32, waitedMs: 3 },
      ageSeconds: 7,
      serverTiming: { auth: 0.1, cache: 0.2, upstream: 30.1, total: 31.2 },
      retryAfterMs: 1000,
      replayed: true,
      retries: 1,
    });
  });

  it("reads nothing from a plain server's headers", () => {
    expect(metaOf({})).toEqual({
      status: 200,
      cache: { hit: false, collapsed: false, stored: false },
      serverTiming: {},
      replayed: false,
      retries: 0,
    });
  });

  it.each([
    ["headrace; fwd=miss; fwd-status=200; stored; collapsed", { fwd: "miss", stored: true, collapsed: true }],
    ["headrace;hit;detail=kv;ttl=-5", { hit: true, tier: "kv", ttlSeconds: -5 }],
    ['headrace; hit; detail="colo"', { hit: true, tier: "colo" }],
    ["headrace; hit; detail=elsewhere", { hit: true, tier: undefined }],
    ['Example-CDN; fwd=stale; key="a, headrace; hit", headrace; hit', { hit: true, fwd: undefined }],
    ['Example-CDN; hit; key="a, headrace; hit"', { hit: false }],
    ['"a, headrace; hit"; fwd=miss', { hit: false }],
    ['"an \\" in a name, headrace; hit"; hit, headrace; fwd=miss', { hit: false, fwd: "miss" }],
    ["another; hit", { hit: false }],
    ['headrace; hit; "', { hit: true }],
  ])("reads Cache-Status %s", (header, cache) => {
    expect(metaOf({ "cache-status": header }).cache).toMatchObject(cache);
  });

  it("leaves out timings without a duration, and takes any name", () => {
    const header = 'miss, db;desc="a, b;dur=9";dur=5, __proto__;dur=1, bad;dur=x, spaced ; dur = 2';
    expect(Object.entries(metaOf({ "server-timing": header }).serverTiming)).toEqual([
      ["db", 5],
      ["__proto__", 1],
      ["spaced", 2],
    ]);
  });

  it.each(["", " ", "x", "NaN", "Infinity"])("takes '%s' for no number", (value) => {
    expect(metaOf({ "x-headrace-cost-usd": value }).costUsd).toBeUndefined();
  });
});

describe("a result's meta", () => {
  const server = useLocalServer();
  const client = (): Headrace => new Headrace({ baseURL: server().url, apiKey: "k" });

  it("counts the client's own retries", async () => {
    server().answer(
      json(503, {}, { "retry-after": "0" }),
      json(200, embeddings, { "x-headrace-attempts": "3" }),
    );
    const { meta } = await client().embed(embedParams);
    expect(meta).toMatchObject({ retries: 1, attempts: 3, status: 200 });
  });

  it("is not part of the JSON", async () => {
    server().answer(json(200, embeddings));
    const result = await client().embed(embedParams);
    expect(JSON.stringify(result)).toBe(JSON.stringify(embeddings));
    expect(Object.keys(result)).toEqual(["data"]);
  });

  it("does not take a provider's field of that name out of the JSON", async () => {
    const body = { results: [{ index: 0, relevance_score: 1 }], meta: { billed_units: { search_units: 1 } } };
    server().answer(json(200, body, { "x-request-id": "req_1" }));
    const result = await client().rerank({ model: "rerank", query: "q", documents: ["a"] });
    expect(result.meta.requestId).toBe("req_1");
    expect(JSON.stringify(result)).toBe(JSON.stringify(body));
  });
});
