import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startFakeProvider } from "./fake-provider-client.ts";
import type { FakeProvider, Fault } from "./fake-provider-client.ts";
import { openRequest } from "./open-request.ts";

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.stop());

const PROMPT = { model: "m", messages: [{ role: "user", content: "hello 🙂 world" }] };
const STREAM = { ...PROMPT, stream: true, stream_options: { include_usage: true } };
const CHAT = "/v1/chat/completions";

const post = (path: string, body: object): Promise<Response> =>
  fetch(provider.url + path, { method: "POST", body: JSON.stringify(body), redirect: "manual" });
const postJson = async (path: string, body: object): Promise<unknown> => (await post(path, body)).json();
const textUnder = async (fault: Fault, body: object = STREAM): Promise<string> => {
  await provider.fault(fault);
  return (await post(CHAT, body)).text();
};
const eventsOf = (stream: string): string[] => stream.split("\n\n").filter((event) => event !== "");
const count = (stream: string): number => eventsOf(stream).length;

/** The body of a raw HTTP/1.1 exchange, as the chunks in which the socket gave it. */
async function readRaw(body: object): Promise<Buffer[]> {
  const socket = connect(Number(new URL(provider.url).port), "127.0.0.1");
  const payload = JSON.stringify(body);
  socket.write(`POST ${CHAT} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n`);
  socket.write(`content-length: ${Buffer.byteLength(payload)}\r\n\r\n${payload}`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return chunks;
}

describe("faults of the connection", () => {
  it("resets before the headers", async () => {
    await provider.fault({ kind: "reset" });
    await expect(post(CHAT, PROMPT)).rejects.toThrow("fetch failed");
    expect(await provider.stats()).toMatchObject({ broken: 1, aborted: 0 });
  });

  it("resets in the middle of a body", async () => {
    await provider.fault({ kind: "reset", after: 1 });
    const response = await post(CHAT, PROMPT);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  it("resets after some events", async () => {
    await provider.fault({ kind: "reset", after: 2 });
    const request = openRequest(provider.url + CHAT, STREAM);
    await expect(request.waitForText("[DONE]")).rejects.toThrow("echo:");
  });

  it("hangs after some events", async () => {
    await provider.fault({ kind: "hang", after: 2 });
    const request = openRequest(provider.url + CHAT, STREAM);
    expect(count(await request.waitForText("echo:"))).toBe(2);
    expect(await provider.stats()).toMatchObject({ inFlight: 1 });
    request.leave();
    await provider.waitUntilAborted();
  });

  it("cuts a stream cleanly", async () => {
    const stream = await textUnder({ kind: "cut", after: 3 });
    expect(count(stream)).toBe(3);
    expect(stream).not.toContain("[DONE]");
  });
});

describe("faults of pace", () => {
  it("sends a body that never ends, at the pace of its reader", async () => {
    await provider.fault({ kind: "endless" });
    const request = openRequest(provider.url + CHAT, PROMPT);
    const body = await request.waitForText(",0".repeat(100_000));
    expect(body).toMatch(/^\{"object":"list","data":\[0,0/u);
    request.leave();
    await provider.waitUntilAborted();
  });

  it("drips one byte at a time, and still delivers", async () => {
    await provider.fault({ kind: "slow-loris", intervalMs: 1 });
    const chunks = await readRaw(PROMPT);
    expect(chunks.length).toBeGreaterThan(20);
    expect(Buffer.concat(chunks).toString()).toContain("\r\n1\r\n");
  });

  it("breaks a multi-byte character between two writes", async () => {
    await provider.fault({ kind: "split-utf8" });
    const chunks = await readRaw(STREAM);
    const emoji = Buffer.from("🙂");
    expect(chunks.some((chunk) => chunk.includes(emoji))).toBe(false);
    expect(chunks.some((chunk) => chunk.includes(emoji.subarray(0, 1)))).toBe(true);
    expect(chunks.some((chunk) => chunk.includes(emoji.subarray(1)))).toBe(true);
  });

  it("waits before the headers and between events, and delivers all", async () => {
    expect(await textUnder({ delayMs: 2, eventDelayMs: 2 })).toContain("[DONE]");
  });
});

describe("faults of the reply", () => {
  it("answers a status with OpenAI's error, headers and body of choice", async () => {
    await provider.fault({ kind: "status", status: 429, headers: { "retry-after": "7" } }, { times: 1 });
    await provider.fault({ kind: "status", status: 400, body: { custom: true } });
    const limited = await post(CHAT, PROMPT);
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(await limited.json()).toMatchObject({ error: { code: "fault_429", param: null } });
    expect(await postJson(CHAT, PROMPT)).toEqual({ custom: true });
  });

  it("answers 200 with HTML, with broken JSON, with nothing", async () => {
    for (const kind of ["html", "invalid-json", "empty"] as const)
      await provider.fault({ kind }, { times: 1 });
    const [html, broken, empty] = [
      await post(CHAT, STREAM),
      await post(CHAT, STREAM),
      await post(CHAT, STREAM),
    ];
    expect([html.status, broken.status, empty.status]).toEqual([200, 200, 200]);
    expect(html.headers.get("content-type")).toContain("text/html");
    await expect(broken.json()).rejects.toThrow(SyntaxError);
    expect(await empty.text()).toBe("");
  });

  it("claims gzip, honestly or not", async () => {
    expect(await textUnder({ kind: "gzip", lies: false })).toContain("[DONE]");
    await provider.reset();
    await provider.fault({ kind: "gzip", lies: true });
    await expect((await post(CHAT, PROMPT)).text()).rejects.toThrow();
  });

  it("redirects elsewhere", async () => {
    await provider.fault({ kind: "redirect", location: "http://127.0.0.1:9/secret" });
    const response = await post(CHAT, PROMPT);
    expect([response.status, response.headers.get("location")]).toEqual([302, "http://127.0.0.1:9/secret"]);
  });
});

describe("faults of a stream", () => {
  it("keeps a connection alive, and says no more", async () => {
    await provider.fault({ kind: "keep-alive", after: 1, text: ": ping\n\n", intervalMs: 10 });
    const open = openRequest(provider.url + CHAT, STREAM);
    const text = await open.waitForText(": ping\n\n: ping\n\n");
    expect(eventsOf(text).filter((event) => event.startsWith("data:"))).toHaveLength(1);
    open.leave();
    await provider.waitUntilAborted();
  });

  it("calls itself something else", async () => {
    await provider.fault({ kind: "retyped", type: "text/plain" });
    const response = await post(CHAT, STREAM);
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(await response.text()).toContain("[DONE]");
  });

  it("sends garbage after some events", async () => {
    const stream = await textUnder({ kind: "garbage", after: 1 });
    expect(stream).toContain("data: {not json\n\n\uFFFD\uFFFD\0");
    expect(stream).not.toContain("[DONE]");
  });

  it.each([0, 2])("sends an error event after %i others, and no [DONE]", async (after) => {
    const events = eventsOf(await textUnder({ kind: "error-event", after, code: "overloaded" }));
    expect(events).toHaveLength(after + 1);
    expect(events.at(-1)).toMatch(/^data: \{"error":\{.*"code":"overloaded"/u);
  });

  it("sends one line of 10 MB, which is a valid event", async () => {
    const lines = (await textUnder({ kind: "long-line" })).split("\n");
    const longest = lines.reduce((a, b) => (b.length > a.length ? b : a));
    expect(longest).toHaveLength(10_000_000);
    expect(() => JSON.parse(longest.slice("data: ".length)) as unknown).not.toThrow();
    expect(lines).toContain("data: [DONE]");
  });

  it("ends lines in CRLF", async () => {
    const stream = await textUnder({ kind: "crlf" });
    expect(stream).toMatch(/data: \[DONE\]\r\n\r\n$/u);
    expect(stream).not.toMatch(/[^\r]\n/u);
  });

  it("leaves the usage out, or puts it on the final chunk", async () => {
    expect(await textUnder({ kind: "no-usage" })).not.toContain("usage");
    await provider.reset();
    const events = eventsOf(await textUnder({ kind: "usage-in-final-chunk" }));
    expect(events.at(-2)).toMatch(/"finish_reason":"stop".*"usage":\{"prompt_tokens":3/u);
  });
});

describe("faults of an array", () => {
  it.each([
    ["drop-last", [0, 1]],
    ["reverse", [2, 1, 0]],
    ["strip-index", [undefined, undefined, undefined]],
  ] as const)("%s", async (change, indices) => {
    await provider.fault({ kind: "items", change });
    const reply = await postJson("/v1/embeddings", { model: "m", input: ["a", "b", "c"] });
    expect((reply as { data: { index?: number }[] }).data.map((item) => item.index)).toEqual(indices);
  });
});
