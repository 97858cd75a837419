import * as fc from "fast-check";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { buildCacheKey, type KeyParts, sha256Hex } from "../../../worker/domain/cache/cache-key.ts";
import { parseJson } from "../../../worker/domain/requests/parse-json.ts";
import { isRefusable, jsonObjects, jsonValues, respell } from "../requests/json-texts.ts";
import { valueOf } from "../unwrap-result.ts";

const call: KeyParts = {
  tenant: "acme",
  task: "chat",
  provider: "openai",
  model: "gpt-4o-mini",
  streamed: false,
  body: { model: "chat", messages: [{ role: "user", content: "Hi" }], temperature: 0 },
};

const keyOf = (parts: Partial<KeyParts>) => buildCacheKey({ ...call, ...parts });
const keyOfBody = (change: object) => keyOf({ body: { ...call.body, ...change } });
const keyOfText = (text: string) => keyOf({ body: valueOf(parseJson(text)) as KeyParts["body"] });

const INERT = ["model", "stream", "stream_options", "user", "metadata", "store"];
const safeValues = jsonValues.filter((value) => !isRefusable(value));
const bodies = jsonObjects.filter((body) => !isRefusable(body));

describe("buildCacheKey on betas of the request's headers", () => {
  it("is another for others, and the same as ever without", async () => {
    const keys = [{}, { betas: { "anthropic-beta": "a" } }, { betas: { "anthropic-beta": "b" } }].map(keyOf);
    expect(new Set(await Promise.all(keys)).size).toBe(3);
    expect(await keyOf({ betas: { "anthropic-beta": "a" } })).toBe(await keys[1]);
  });
});

describe("buildCacheKey on what means the same", () => {
  it.each([
    ["the order of names", '{"a":1,"b":{"c":2,"d":3}}', '{"b":{"d":3,"c":2},"a":1}'],
    ["1.0 for 1", '{"temperature":1}', '{"temperature":1.0}'],
    ["an exponent", '{"max_tokens":100}', '{"max_tokens":1e2}'],
    ["minus zero", '{"temperature":0}', '{"temperature":-0.0}'],
    ["escapes", '{"input":"é/😀"}', String.raw`{"input":"\u00e9\/\ud83d\ude00"}`],
    ["blanks", '{"a":[1,2]}', '\n{ "a" : [ 1,\t2 ] }'],
  ])("is the same for %s", async (_, one, other) => {
    expect(await keyOfText(one)).toBe(await keyOfText(other));
  });

  it("is the same for any body however it is spelled", async () => {
    const respelled = fc.asyncProperty(bodies, async (body) => {
      expect(await keyOfText(respell(body))).toBe(await keyOfText(JSON.stringify(body)));
    });
    await fc.assert(respelled);
  });

  it("is the same whatever an inert field says", async () => {
    const inert = fc.asyncProperty(fc.constantFrom(...INERT), safeValues, async (name, value) => {
      expect(await keyOfBody({ [name]: value })).toBe(await keyOf({}));
    });
    await fc.assert(inert);
  });

  it("is 64 characters of hex, and 'e3b0…' for nothing", async () => {
    expect(await keyOf({})).toMatch(/^[0-9a-f]{64}$/);
    expect(await sha256Hex("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});

describe("buildCacheKey on what does not", () => {
  it.each<[string, Partial<KeyParts>]>([
    ["tenant", { tenant: "globex" }],
    ["provider", { provider: "groq" }],
    ["target's model", { model: "gpt-4o" }],
    ["task", { task: "classify" }],
    ["form of answer", { streamed: true }],
  ])("differs for another %s", async (_, parts) => {
    expect(await keyOf(parts)).not.toBe(await keyOf({}));
  });

  it.each<[string, object]>([
    ["tools", { tools: [{ type: "function", function: { name: "f", parameters: {} } }] }],
    ["seed", { seed: 7 }],
    ["response_format", { response_format: { type: "json_object" } }],
    ["a parameter nobody has heard of", { x_quantum_mode: false }],
    ["one that is there but null", { seed: null }],
    ["a message", { messages: [{ role: "user", content: "Hi " }] }],
    ["the role of a message", { messages: [{ role: "system", content: "Hi" }] }],
    ["the type of a value", { temperature: "0" }],
    ["an inert name deeper down", { messages: [{ role: "user", content: "Hi", user: "x" }] }],
  ])("differs for another body: %s", async (_, change) => {
    expect(await keyOfBody(change)).not.toBe(await keyOf({}));
  });

  it("differs for the order of a list", async () => {
    expect(await keyOfText('{"input":["a","b"]}')).not.toBe(await keyOfText('{"input":["b","a"]}'));
  });

  it("differs for any field that is not known to be inert", async () => {
    const names = fc.string({ minLength: 1 }).filter((name) => ![...INERT, "__proto__"].includes(name));
    const changed = fc.asyncProperty(names, fc.uuid(), async (name, value) => {
      expect(await keyOfBody({ [name]: value })).not.toBe(await keyOf({}));
    });
    await fc.assert(changed);
  });

  it("is shared by two bodies only if they are equal", async () => {
    const compared = fc.asyncProperty(bodies, bodies, async (one, other) => {
      const equal = isDeepStrictEqual(keyed(one), keyed(other));
      expect((await keyOf({ body: one })) === (await keyOf({ body: other }))).toBe(equal);
    });
    await fc.assert(compared);
  });

  it("is not fooled by a body that spells out what stands around it", async () => {
    const nested = { ...call.body, tenant: "globex", schema: 2, body: {} };
    const keys = await Promise.all([keyOf({ body: nested }), keyOf({ tenant: "globex" }), keyOf({})]);
    expect(new Set(keys).size).toBe(3);
  });
});

/** What of a body must decide its key, without the minus of zero. */
const keyed = (body: object): unknown =>
  Object.fromEntries(
    Object.entries(JSON.parse(JSON.stringify(body)) as object).filter(([name]) => !INERT.includes(name)),
  );
