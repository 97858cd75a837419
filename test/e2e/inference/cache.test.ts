import { describe, expect, it, vi } from "vitest";
import { sha256Hex } from "../../../worker/domain/cache/cache-key.ts";
import { says, useDeployment } from "../deployment.ts";

const app = useDeployment();
let serial = 0;
/** Text that no other test has sent. */
const fresh = () => `text ${process.hrtime.bigint()} ${serial++}`;
const status = (response: Response) => response.headers.get("cache-status") ?? "";
const calls = async () => (await app.primary.requests()).length;

/** Sends until the answer is a hit: what is stored is stored after the response. */
const untilHit = (send: () => Promise<Response>) =>
  vi.waitFor(async () => {
    const response = await send();
    const text = await response.text();
    expect(status(response)).toContain("; hit");
    return { response, text };
  }, 5000);

describe("an embedding", () => {
  it("is a miss, then a hit that costs nothing and keeps its token counts", async () => {
    const input = fresh();
    const first = await app.embed({ model: "embed", input });
    const body = await first.text();
    expect(status(first)).toBe("headrace; fwd=miss; fwd-status=200; stored");
    const { response, text } = await untilHit(() => app.embed({ model: "embed", input }));
    expect(status(response)).toMatch(/^headrace; hit; ttl=\d+; detail=memory$/);
    expect(response.headers.get("age")).toMatch(/^\d+$/);
    expect(response.headers.get("x-headrace-cost-usd")).toBe("0");
    expect(response.headers.get("x-headrace-attempts")).toBe("0");
    expect(text).toBe(body);
    expect(text).toContain('"prompt_tokens"');
    expect(await calls()).toBe(1);
  });

  it("hits however its JSON is written", async () => {
    const input = fresh();
    await app.embed({ model: "embed", input, dimensions: 64 });
    const spelled = JSON.stringify(input).replace("t", "\\u0074");
    const rest = `"model":"embed"`;
    const { response } = await untilHit(() =>
      app.post("/v1/embeddings", `{ "dimensions": 64.0, "input": ${spelled}, "user": "u1", ${rest} }`),
    );
    expect(status(response)).toContain("hit");
    expect(await calls()).toBe(1);
  });

  for (const [what, change] of [
    ["a parameter never heard of", { brand_new: 1 }],
    ["other dimensions", { dimensions: 8 }],
    ["another encoding", { encoding_format: "base64" }],
  ] as const) {
    it(`is another entry with ${what}`, async () => {
      const input = fresh();
      await untilHit(() => app.embed({ model: "embed", input }));
      expect(status(await app.embed({ model: "embed", input, ...change }))).toContain("fwd=miss");
    });
  }

  it("is another entry for another tenant", async () => {
    const key = "hr_live_anothertenantanothertenant1";
    const record = { tenant: "other", name: "test", createdAt: "2026-01-01T00:00:00Z" };
    await app.kv.put(`key:${await sha256Hex(key)}`, JSON.stringify(record));
    const input = fresh();
    await untilHit(() => app.embed({ model: "embed", input }));
    const theirs = await app.embed({ model: "embed", input }, { authorization: `Bearer ${key}` });
    expect(status(theirs)).toContain("fwd=miss");
  });

  it("goes to KV where the config says always, and a hit there is worth less than one near by", async () => {
    await app.embed({ model: "embed-always", input: fresh() });
    await vi.waitFor(async () => {
      const { keys } = await app.kv.list({ prefix: "cache:" });
      expect(keys.length).toBeGreaterThan(0);
    });
  });

  it("stays out of KV where a hit saves less than the write costs", async () => {
    const before = (await app.kv.list({ prefix: "cache:" })).keys.length;
    const input = fresh();
    await untilHit(() => app.embed({ model: "embed-cheap", input }));
    expect((await app.kv.list({ prefix: "cache:" })).keys).toHaveLength(before);
  });
});

describe("request directives", () => {
  it("no-store neither reads nor keeps", async () => {
    const input = fresh();
    const send = () => app.embed({ model: "embed", input }, { "cache-control": "no-store" });
    expect(status(await send())).toBe("headrace; fwd=bypass; fwd-status=200");
    expect(status(await send())).toContain("fwd=bypass");
    expect(status(await app.embed({ model: "embed", input }))).toContain("fwd=miss");
  });

  it("no-cache calls the provider and renews the entry", async () => {
    const input = fresh();
    await untilHit(() => app.embed({ model: "embed", input }));
    const renewed = await app.embed({ model: "embed", input }, { "cache-control": "no-cache" });
    expect(status(renewed)).toBe("headrace; fwd=request; fwd-status=200; stored");
    expect(await calls()).toBe(2);
  });

  it("only-if-cached answers 504 on a miss and calls no provider", async () => {
    const response = await app.embed(
      { model: "embed", input: fresh() },
      { "cache-control": "only-if-cached" },
    );
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ error: { code: "only_if_cached", retryable: false } });
    expect(await calls()).toBe(0);
  });

  it("min-fresh refuses an entry that would not last", async () => {
    const input = fresh();
    await untilHit(() => app.embed({ model: "embed", input }));
    const response = await app.embed({ model: "embed", input }, { "cache-control": "min-fresh=7200" });
    expect(status(response)).toContain("fwd=miss");
  });
});

describe("a stale entry", () => {
  it("is served while one request refreshes it, and the refreshed one after", async () => {
    const input = fresh();
    const send = () => app.embed({ model: "embed-short", input });
    await untilHit(send);
    await app.primary.reset();
    await app.primary.fault({ gate: true });
    await vi.waitFor(async () => expect(status(await send())).toMatch(/hit; ttl=-\d/), 5000);
    await app.primary.waitForRequests(1);
    const meanwhile = await Promise.all(Array.from({ length: 8 }, send));
    expect(meanwhile.map(status).every((text) => text.includes("; hit"))).toBe(true);
    expect(await calls()).toBe(1);
    await app.primary.release();
    await vi.waitFor(async () => expect(status(await send())).toMatch(/hit; ttl=1/), 5000);
  });
});

describe("a chat", () => {
  const ask = (more = {}, headers = {}) =>
    app.chat({ model: "chat", messages: says("same"), ...more }, headers);

  it("is kept at temperature 0 and not otherwise", async () => {
    const messages = says(fresh());
    await untilHit(() => ask({ messages, temperature: 0 }));
    expect(status(await ask({ messages }))).toContain("fwd=bypass");
    expect(status(await ask({ messages, temperature: 1 }))).toContain("fwd=bypass");
  });

  it("is kept at any temperature where the request asks for the cache", async () => {
    const messages = says(fresh());
    await untilHit(() => ask({ messages, temperature: 1 }, { "cache-control": "max-age=60" }));
  });

  it("is another entry with another seed, tool, format or message", async () => {
    const messages = says(fresh());
    await untilHit(() => ask({ messages, temperature: 0 }));
    const tool = { type: "function", function: { name: "f", parameters: { type: "object" } } };
    for (const change of [{ seed: 1 }, { tools: [tool] }, { response_format: { type: "json_object" } }]) {
      expect(status(await ask({ messages, temperature: 0, ...change }))).toContain("fwd=miss");
    }
  });

  it("is another entry with another attachment, though all but a byte of it is the same", async () => {
    const picture = (last: string) => `data:image/png;base64,${"iVBORw0KGgo".repeat(3000)}${last}`;
    const see = (last: string, detail = "low") => [
      {
        role: "user",
        content: [
          { type: "text", text: "what is it?" },
          { type: "image_url", image_url: { url: picture(last), detail } },
        ],
      },
    ];
    await untilHit(() => ask({ messages: see("AAAA"), temperature: 0 }));
    expect(status(await ask({ messages: see("AAAB"), temperature: 0 }))).toContain("fwd=miss");
    expect(status(await ask({ messages: see("AAAA", "high"), temperature: 0 }))).toContain("fwd=miss");
  });

  it("replays a recorded stream with the same events", async () => {
    const messages = says(fresh());
    const send = () => ask({ messages, temperature: 0, stream: true });
    const recorded = await (await send()).text();
    const { response, text } = await untilHit(send);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(text).toBe(recorded);
    expect(text).not.toContain('"choices":[]');
    expect(await calls()).toBe(1);
  });

  it("replays the usage event to those who ask for it", async () => {
    const messages = says(fresh());
    await untilHit(() => ask({ messages, temperature: 0, stream: true }));
    const options = { stream_options: { include_usage: true } };
    const response = await ask({ messages, temperature: 0, stream: true, ...options });
    expect(status(response)).toContain("hit");
    const text = await response.text();
    expect(text).toMatch(/"choices":\[\].*"usage":\{/);
    expect(text.trimEnd().endsWith("[DONE]")).toBe(true);
  });

  it("does not replay a stream as a whole answer or the reverse", async () => {
    const messages = says(fresh());
    await untilHit(() => ask({ messages, temperature: 0, stream: true }));
    const whole = await ask({ messages, temperature: 0 });
    expect(whole.headers.get("content-type")).toBe("application/json");
    expect(status(whole)).toContain("fwd=miss");
  });
});

describe("what is never kept", () => {
  for (const fault of [
    { kind: "status", status: 400 },
    { kind: "status", status: 500 },
    { kind: "html" },
    { kind: "invalid-json" },
  ] as const) {
    it(`an answer that failed: ${"status" in fault ? fault.status : fault.kind}`, async () => {
      const input = fresh();
      await app.primary.fault(fault, { times: 1 });
      expect((await app.embed({ model: "embed", input })).ok).toBe(false);
      const next = await app.embed({ model: "embed", input });
      expect(next.status).toBe(200);
      expect(status(next)).toContain("fwd=miss");
    });
  }

  it("a stream that broke", async () => {
    const body = { model: "chat", messages: says(fresh()), temperature: 0, stream: true };
    await app.primary.fault({ kind: "cut", after: 2 }, { times: 1 });
    expect(await (await app.chat(body)).text()).toContain('"error"');
    const next = await app.chat(body);
    expect(status(next)).toContain("fwd=miss");
    expect(await next.text()).toContain("[DONE]");
  });

  it("a fallback's answer under the primary's key", async () => {
    const input = fresh();
    const send = () => app.embed({ model: "embed-fallback", input });
    await app.primary.fault({ kind: "status", status: 503 }, { times: 1 });
    const fallback = await send();
    expect(fallback.headers.get("x-headrace-target")).toBe("targets[1]=embedded/words-en");
    const primary = await send();
    expect(primary.headers.get("x-headrace-target")).toBe("targets[0]=primary/big");
    expect(status(primary)).toContain("fwd=miss");
  });

  it("anything of a route whose cache is off", async () => {
    const body = { model: "uncached", messages: says(fresh()), temperature: 0 };
    await app.chat(body);
    expect(status(await app.chat(body))).toContain("fwd=bypass");
  });
});
