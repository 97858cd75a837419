import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startFakeProvider } from "./fake-provider-client.ts";
import type { FakeProvider } from "./fake-provider-client.ts";
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
const eventsOf = (stream: string): string[] => stream.split("\n\n").filter((event) => event !== "");
describe("a well-behaved provider", () => {
  it("echoes the last user message, with usage", async () => {
    expect(await postJson(CHAT, PROMPT)).toMatchObject({
      object: "chat.completion",
      choices: [{ message: { role: "assistant", content: "echo: hello 🙂 world" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    });
  });

  it("streams the same text, usage last, and ends with [DONE]", async () => {
    const events = eventsOf(await (await post(CHAT, STREAM)).text());
    expect(events.at(-1)).toBe("data: [DONE]");
    expect(events.at(-2)).toContain('"choices":[],"usage":{"prompt_tokens":3');
    const contents = events.map((event) => /"content":"([^"]*)"/u.exec(event)?.[1] ?? "");
    expect(contents.join("")).toBe("echo: hello 🙂 world");
  });

  it("streams no usage unless asked", async () => {
    expect(await (await post(CHAT, { ...PROMPT, stream: true })).text()).not.toContain("usage");
  });

  it("calls the first tool where one is required, streamed or not", async () => {
    const tools = [{ type: "function", function: { name: "look_up", parameters: {} } }];
    const body = { ...PROMPT, tools, tool_choice: "required" };
    const call = { function: { name: "look_up", arguments: '{"text":"hello 🙂 world"}' } };
    expect(await postJson(CHAT, body)).toMatchObject({
      choices: [{ message: { content: null, tool_calls: [call] }, finish_reason: "tool_calls" }],
    });
    expect(await (await post(CHAT, { ...body, stream: true })).text()).toContain('"name":"look_up"');
  });
});

describe("its vectors and ranks", () => {
  it("gives a text the same unit vector alone, in an array and as base64", async () => {
    type Vectors = { data: { embedding: number[] }[] };
    const alone = (await postJson("/v1/embeddings", { model: "m", input: "b" })) as Vectors;
    const array = (await postJson("/v1/embeddings", { model: "m", input: ["a", "b"] })) as Vectors;
    const encoded = await postJson("/v1/embeddings", { model: "m", input: "b", encoding_format: "base64" });
    const vector = alone.data[0]?.embedding ?? [];
    expect(array.data[1]?.embedding).toEqual(vector);
    expect(array.data[0]?.embedding).not.toEqual(vector);
    expect(Math.hypot(...vector)).toBeCloseTo(1);
    const base64 = Buffer.from(new Float32Array(vector).buffer).toString("base64");
    expect(encoded).toMatchObject({ data: [{ embedding: base64 }] });
  });

  it("embeds token arrays, and as many dimensions as asked", async () => {
    const body = { model: "m", input: [[1, 2], [3]], dimensions: 3 };
    const reply = (await postJson("/v1/embeddings", body)) as { data: { embedding: number[] }[] };
    expect(reply.data.map((item) => item.embedding.length)).toEqual([3, 3]);
    expect(reply).toMatchObject({ usage: { prompt_tokens: 3 } });
  });

  it("ranks documents by the words they share with the query", async () => {
    const documents = ["nothing here", { text: "red fox" }, "a red car"];
    const body = { model: "m", query: "red fox", documents, top_n: 2, return_documents: true };
    expect(await postJson("/v1/rerank", body)).toMatchObject({
      results: [
        { index: 1, relevance_score: 1, document: { text: "red fox" } },
        { index: 2, relevance_score: 0.5 },
      ],
    });
  });
});

describe("its other endpoints", () => {
  it("lists models, and answers 404 elsewhere in OpenAI's shape", async () => {
    const models = await (await fetch(`${provider.url}/v1/models`)).json();
    expect(models).toMatchObject({ object: "list" });
    const missing = await post("/v1/nothing", {});
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ error: { code: "unknown_url" } });
  });
});

describe("the log", () => {
  it("holds what was received, under the id the reply names", async () => {
    const headers = { authorization: "Bearer sk-test" };
    const response = await fetch(provider.url + CHAT, {
      method: "POST",
      headers,
      body: JSON.stringify(PROMPT),
    });
    await response.text();
    const [received] = await provider.requests();
    expect(String(received?.id)).toBe(response.headers.get("x-fake-request-id"));
    expect(received).toMatchObject({
      method: "POST",
      path: CHAT,
      body: PROMPT,
      headers,
      outcome: "finished",
    });
    expect(await provider.stats()).toMatchObject({
      received: 1,
      finished: 1,
      inFlight: 0,
      byModel: { m: 1 },
    });
  });

  it("tells a client that left from one that was answered", async () => {
    await provider.fault({ kind: "hang" });
    const request = openRequest(provider.url + CHAT, PROMPT);
    await provider.waitForRequests(1);
    request.leave();
    expect(await provider.waitUntilAborted()).toHaveLength(1);
    await expect(request.response).rejects.toThrow();
  });
});

describe("rules", () => {
  it("match by path, model and text, and are used up", async () => {
    const match = { path: CHAT, model: "m", promptIncludes: "poison" };
    await provider.fault({ kind: "status", status: 500 }, { match, times: 1 });
    const poison = { ...PROMPT, messages: [{ role: "user", content: "poison" }] };
    const statusOf = async (body: object): Promise<number> => (await post(CHAT, body)).status;
    expect(await statusOf(PROMPT)).toBe(200);
    expect(await statusOf({ ...poison, model: "other" })).toBe(200);
    expect(await statusOf(poison)).toBe(500);
    expect(await statusOf(poison)).toBe(200);
  });

  it("are forgotten on reset", async () => {
    await provider.fault({ kind: "status", status: 500 });
    await provider.reset();
    expect((await post(CHAT, PROMPT)).status).toBe(200);
  });
});

describe("the gate", () => {
  it("holds requests until they are released, one at a time or all", async () => {
    await provider.fault({ gate: true });
    const pending = [1, 2, 3].map(() => post(CHAT, PROMPT));
    await provider.waitForRequests(3);
    expect(await provider.stats()).toMatchObject({ waiting: 3, inFlight: 3, maxInFlight: 3, finished: 0 });
    expect(await provider.release(1)).toBe(1);
    await Promise.race(pending);
    expect(await provider.release()).toBe(2);
    const all = await Promise.all([...pending, post(CHAT, PROMPT)]);
    expect(all.map((response) => response.status)).toEqual([200, 200, 200, 200]);
  });

  it("forgets a request whose client has left", async () => {
    await provider.fault({ gate: true });
    const request = openRequest(provider.url + CHAT, PROMPT);
    await provider.waitForRequests(1);
    request.leave();
    await provider.waitUntilAborted();
    expect(await provider.stats()).toMatchObject({ waiting: 0, aborted: 1 });
  });
});

describe("the process", () => {
  it("ends when its stdin closes, so that it never outlives a test", async () => {
    const main = new URL("./fake-provider/main.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, [main, "--port", "0"], { stdio: ["pipe", "pipe", "inherit"] });
    const exited = once(child, "exit");
    const printed = text(child.stdout);
    await once(child.stdout, "readable");
    child.stdin.end();
    expect(await exited).toEqual([0, null]);
    expect(JSON.parse(await printed)).toEqual({ port: expect.any(Number) as number });
  });
});
