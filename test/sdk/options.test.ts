import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Headrace } from "../../sdk/index.ts";
import type { CallOptions, HeadraceOptions } from "../../sdk/index.ts";
import { embeddings, embedParams, json, useLocalServer } from "./local-server.ts";

const valid = { baseURL: "http://127.0.0.1:8787", apiKey: "hr_test_key" };
const unchecked = (options: object): Headrace => new Headrace(options as HeadraceOptions);

describe("the client's options", () => {
  it.each<[string, object, RegExp]>([
    ["no baseURL", { apiKey: "k" }, /"baseURL"/],
    ["a relative baseURL", { ...valid, baseURL: "/v1" }, /"baseURL"/],
    ["a baseURL of another scheme", { ...valid, baseURL: "ftp://ai.example" }, /"baseURL"/],
    ["a baseURL with credentials", { ...valid, baseURL: "https://me:secret@ai.example" }, /"baseURL"/],
    ["a baseURL with a query", { ...valid, baseURL: "https://ai.example?key=1" }, /"baseURL"/],
    ["a baseURL that is no URL", { ...valid, baseURL: "http://[" }, /"baseURL"/],
    ["no credential", { baseURL: valid.baseURL }, /"apiKey" or "token"/],
    ["two credentials", { ...valid, token: "t" }, /only one/],
    ["an empty key", { ...valid, apiKey: "" }, /"apiKey"/],
    ["an empty token", { baseURL: valid.baseURL, token: "" }, /"token"/],
    ["a function as the key", { ...valid, apiKey: () => "k" }, /"apiKey"/],
    ["a fetch that is no function", { ...valid, fetch: "fetch" }, /"fetch"/],
    ["a negative maxRetries", { ...valid, maxRetries: -1 }, /"maxRetries"/],
    ["a broken maxRetries", { ...valid, maxRetries: 1.5 }, /"maxRetries"/],
    ["a zero timeoutMs", { ...valid, timeoutMs: 0 }, /"timeoutMs"/],
    ["a NaN timeoutMs", { ...valid, timeoutMs: Number.NaN }, /"timeoutMs"/],
    ["a negative attemptTimeoutMs", { ...valid, attemptTimeoutMs: -5 }, /"attemptTimeoutMs"/],
    ["a header name with a space", { ...valid, headers: { "x y": "1" } }, /"headers"/],
    ["a header value with a line break", { ...valid, headers: { "x-a": "1\r\nx-b: 2" } }, /"headers.x-a"/],
  ])("refuse %s", (_, options, message) => {
    expect(() => unchecked(options)).toThrow(TypeError);
    expect(() => unchecked(options)).toThrow(message);
  });

  it("refuse a key that no header can carry, without showing it", () => {
    expect(() => new Headrace({ ...valid, apiKey: "hr_live_abc\n" })).toThrow(
      /^(?!.*hr_live_abc).*"apiKey"/s,
    );
  });

  it("refuse credentials in the baseURL without showing them", () => {
    expect(() => unchecked({ ...valid, baseURL: "https://me:secret@ai.example" })).toThrow(/^(?!.*secret)/s);
  });

  it("keep the key out of sight of inspect and JSON", () => {
    const client = new Headrace(valid);
    expect(inspect(client, { depth: 9, showHidden: true }) + JSON.stringify(client)).not.toContain(
      "hr_test_key",
    );
  });
});

describe("a call's options", () => {
  it.each<[string, CallOptions]>([
    ["maxRetries", { maxRetries: -1 }],
    ["timeoutMs", { timeoutMs: 0 }],
    ["attemptTimeoutMs", { attemptTimeoutMs: Number.NaN }],
    ["headers.x-a", { headers: { "x-a": "é" } }],
    ["cache", { cache: "no-store\n" }],
    ["idempotencyKey", { idempotencyKey: "ключ" }],
  ])("reject a wrong %s before anything is sent", async (name, options) => {
    const client = new Headrace({ ...valid, fetch: () => Promise.reject(new Error("sent")) });
    const call = client.embed(embedParams, options);
    await expect(call).rejects.toThrow(TypeError);
    await expect(call).rejects.toThrow(`"${name}"`);
  });
});

describe("what options do to requests", () => {
  const server = useLocalServer();

  it.each(["", "/", "/v1", "/v1/", "//"])("finds the API where baseURL ends in '%s'", async (end) => {
    server().answer(json(200, embeddings));
    await new Headrace({ ...valid, baseURL: server().url + end }).embed(embedParams);
    expect(server().seen[0]?.path).toBe("/v1/embeddings");
  });

  it("keeps a path in front of the API", async () => {
    server().answer(json(200, embeddings));
    await new Headrace({ ...valid, baseURL: `${server().url}/ai/v1` }).embed(embedParams);
    expect(server().seen[0]?.path).toBe("/ai/v1/embeddings");
  });

  it.each<[string, HeadraceOptions["token"]]>([
    ["a token", "tok"],
    ["a function", () => "tok"],
    ["an async function", () => Promise.resolve("tok")],
  ])("authorizes with %s", async (_, token) => {
    server().answer(json(200, embeddings));
    await unchecked({ baseURL: server().url, token }).embed(embedParams);
    expect(server().seen[0]?.headers.authorization).toBe("Bearer tok");
  });

  it("asks the token function before every attempt", async () => {
    server().answer(json(503, {}, { "retry-after": "0" }), json(200, embeddings));
    let asked = 0;
    await new Headrace({ baseURL: server().url, token: () => `tok-${(asked += 1)}` }).embed(embedParams);
    expect(server().seen.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer tok-1",
      "Bearer tok-2",
    ]);
  });

  it("sends the call's headers over the client's, and its own over both, whatever their case", async () => {
    server().answer(json(200, embeddings));
    const headers = {
      "X-A": "client",
      "x-b": "client",
      AUTHORIZATION: "Bearer theirs",
      "Content-Type": "a/b",
    };
    const client = new Headrace({ ...valid, baseURL: server().url, headers });
    await client.embed(embedParams, { headers: { "x-a": "call" } });
    expect(server().seen[0]?.headers).toMatchObject({
      "x-a": "call",
      "x-b": "client",
      authorization: "Bearer hr_test_key",
      "content-type": "application/json",
    });
  });

  it("sends cache, metadata and idempotencyKey as headers", async () => {
    server().answer(json(200, embeddings));
    const metadata = { user: "Zoë 🦊", plan: "free" };
    const options = { cache: "no-store", metadata, idempotencyKey: "order-7" };
    await new Headrace({ ...valid, baseURL: server().url }).embed(embedParams, options);
    const headers = server().seen[0]?.headers;
    expect(headers).toMatchObject({ "cache-control": "no-store", "idempotency-key": "order-7" });
    expect(JSON.parse(String(headers?.["x-headrace-metadata"]))).toEqual(metadata);
  });

  it("sends none of them unasked", async () => {
    server().answer(json(200, embeddings));
    await new Headrace({ ...valid, baseURL: server().url }).embed(embedParams);
    const names = Object.keys(server().seen[0]?.headers ?? {});
    expect(names).not.toEqual(expect.arrayContaining(["idempotency-key"]));
    expect(names.filter((name) => name.startsWith("x-headrace"))).toEqual([]);
  });

  it("calls a given fetch as a plain function, and asks it to leave cookies out", async () => {
    const calls: { self: unknown; url: string; init: RequestInit }[] = [];
    function record(this: unknown, url: string, init: RequestInit): Promise<Response> {
      calls.push({ self: this, url, init });
      return Promise.resolve(Response.json(embeddings));
    }
    await new Headrace({ ...valid, baseURL: "https://ai.example", fetch: record }).embed(embedParams);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ self: undefined, url: "https://ai.example/v1/embeddings" });
    expect(calls[0]?.init.credentials).toBe("omit");
  });
});
