import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import type { Fault } from "../../helpers/fake-provider-client.ts";
import { openRequest } from "../../helpers/open-request.ts";
import { API_KEY, findFact, readError, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
const HOLD = { prefer: "hold" };
const TARGETS = ["targets[0]=primary/big", "targets[1]=secondary/small"];
const WORDS = "one two three four";
/** Longer than the first quiet second. */
const SLOW: Fault = { eventDelayMs: 220 };

const DIALECTS = [
  {
    api: "chat",
    path: "/v1/chat/completions",
    body: (model: string) => ({ model, messages: says(WORDS), stream: true }),
    end: /data: \[DONE\]$/,
    beat: /^: keep-alive\n\n/,
  },
  {
    api: "responses",
    path: "/v1/responses",
    body: (model: string) => ({ model, input: WORDS, stream: true }),
    end: /event: response\.completed\ndata: .*$/,
    beat: /^: keep-alive\n\n/,
  },
  {
    api: "messages",
    path: "/v1/messages",
    body: (model: string) => ({ model, max_tokens: 50, messages: says(WORDS), stream: true }),
    end: /event: message_stop\ndata: .*$/,
    beat: /^event: ping\ndata: \{"type": "ping"\}\n\n/,
  },
] as const;

const BREAKS: readonly [what: string, fault: Fault][] = [
  ["cut after its first word", { kind: "cut", after: 2 }],
  ["cut in the middle", { kind: "cut", after: 4 }],
  ["cut before its last event", { kind: "cut", after: 5 }],
  ["reset", { kind: "reset", after: 3 }],
  ["silent", { kind: "hang", after: 3 }],
  [
    "with only heartbeats from some word on",
    { kind: "keep-alive", after: 3, text: ": ping\n\n", intervalMs: 50 },
  ],
  ["with an error event", { kind: "error-event", after: 3 }],
  ["with what is no event", { kind: "garbage", after: 3 }],
  ["slower than its route asks", { eventDelayMs: 300 }],
];

describe.each(DIALECTS)("a stream by $api that is held back", ({ path, body, end, beat }) => {
  it.each(BREAKS)("is the next target's where the first one's breaks: %s", async (_, fault) => {
    await app.primary.fault(fault);
    const response = await app.post(path, body("held"));
    const text = (await response.text()).trimEnd();
    expect(response.status).toBe(200);
    expect(text).toMatch(end);
    expect(text).not.toMatch(/upstream_|server_error/);
    expect(text.split("three").length).toBe((await plain(path, body("steady"))).split("three").length);
    const told = response.headers.get("x-headrace-target") ?? text;
    expect(told).toContain(TARGETS[1]);
    expect(await app.secondary.requests()).toHaveLength(1);
  });

  /** The same answer as it comes where nothing breaks. */
  async function plain(where: string, asked: object) {
    await app.primary.reset();
    return (await app.post(where, asked)).text();
  }

  it("has heartbeats from the first quiet second on, and then tells what its headers would have", async () => {
    await app.primary.fault({ kind: "status", status: 500 });
    await app.secondary.fault(SLOW);
    const response = await app.post(path, body("steady"), HOLD);
    expect(response.headers.get("preference-applied")).toBe("hold");
    expect(response.headers.get("x-headrace-route")).toBe("steady");
    expect(response.headers.get("x-headrace-target")).toBeNull();
    const text = await response.text();
    expect(text).toMatch(beat);
    expect(text).toContain(`: x-headrace-target: ${TARGETS[1]}\n`);
    expect(text).toContain(": x-headrace-attempts: 2\n");
    expect(text.trimEnd()).toMatch(end);
  });

  it("ends with an error event where every target's breaks after that", async () => {
    await app.primary.fault({ eventDelayMs: 350, kind: "cut", after: 5 });
    await app.secondary.fault({ kind: "cut", after: 3 });
    const response = await app.post(path, body("steady"), { ...HOLD, "x-request-id": `all-${path.length}` });
    const text = (await response.text()).trimEnd();
    expect(response.status).toBe(200);
    expect(text).toContain("all_targets_failed");
    expect(text).not.toMatch(end);
    expect(text).not.toContain("echo");
    expect(await findFact(app.gateway, "refusal", `all-${path.length}`)).toMatchObject({
      code: "all_targets_failed",
    });
  });

  it("is refused by its status where they break sooner", async () => {
    await app.primary.fault({ kind: "cut", after: 3 });
    await app.secondary.fault({ kind: "cut", after: 3 });
    const response = await app.post(path, body("steady"), HOLD);
    expect(response.status).toBe(502);
    expect((await readError(response)).code).toBe("all_targets_failed");
  });
});

describe("a stream that is held back", () => {
  const asked = { model: "steady", messages: says(WORDS), stream: true };

  it("is asked for by the client, or set for its route, and only a stream is", async () => {
    const held = await app.chat(asked, HOLD);
    expect(held.headers.get("preference-applied")).toBe("hold");
    await held.text();
    const set = await app.chat({ ...asked, model: "held" });
    expect(set.headers.get("preference-applied")).toBeNull();
    await set.text();
    const whole = await app.chat({ ...asked, stream: false }, HOLD);
    expect(whole.headers.get("preference-applied")).toBeNull();
  });

  it("is by /v1/completions, too", async () => {
    const event = (text: string) =>
      `data: ${JSON.stringify({ id: "c", object: "text_completion", choices: [{ index: 0, text }] })}\n\n`;
    const stream = (...parts: string[]): Fault => ({
      kind: "verbatim",
      status: 200,
      headers: { "content-type": "text/event-stream" },
      parts: parts.map((part) => Buffer.from(part).toString("base64")),
    });
    await app.primary.fault(stream(event("one"), event("two")));
    const end = `data: ${JSON.stringify({ id: "c", object: "text_completion", choices: [{ index: 0, text: "", finish_reason: "stop" }] })}\n\n`;
    await app.secondary.fault(stream(event("three"), end, "data: [DONE]\n\n"));
    const response = await app.post(
      "/v1/completions",
      { model: "complete", prompt: "count", stream: true },
      HOLD,
    );
    const text = await response.text();
    expect(text).toContain("three");
    expect(text).not.toContain("one");
    expect(text).toContain("[DONE]");
  });

  it("is not moved on where its client is at fault", async () => {
    const error = { message: "Filtered.", type: "invalid_request_error", code: "content_policy_violation" };
    await app.primary.fault({ kind: "error-event", after: 3, error });
    const response = await app.chat(asked, HOLD);
    expect(response.status).toBe(400);
    expect(await app.secondary.requests()).toHaveLength(0);
  });

  it.each(["leave", "close"] as const)("ends its call when its client is gone: %s", async (how) => {
    await app.primary.fault({ kind: "keep-alive", after: 2, text: ": ping\n\n", intervalMs: 50 });
    const url = `${app.gateway.url}/v1/chat/completions`;
    const open = openRequest(url, asked, { ...HOLD, authorization: `Bearer ${API_KEY}` });
    await open.waitForText(": keep-alive");
    open[how]();
    await app.primary.waitUntilAborted(1, { timeoutMs: 15_000 });
    expect(await app.secondary.requests()).toHaveLength(0);
  });

  it("costs what all its calls cost, and is told once", async () => {
    await app.primary.fault({ kind: "cut", after: 4 });
    await (await app.chat(asked, { ...HOLD, "x-request-id": "held-costs" })).text();
    const attempt = await findFact(app.gateway, "attempt", "held-costs");
    expect(attempt).toMatchObject({ usage: { estimated: true }, costUsd: expect.any(Number) as number });
    expect(await findFact(app.gateway, "answer", "held-costs")).toMatchObject({
      target: TARGETS[1],
      attempts: 2,
      complete: true,
    });
  });

  it("is not taken for one that is slow to begin, and asked of two targets", async () => {
    await app.primary.fault({ eventDelayMs: 100 });
    const response = await app.chat({ ...asked, model: "hedged" }, HOLD);
    expect(await response.text()).toContain("[DONE]");
    expect(response.headers.get("x-headrace-target")).toBe(TARGETS[0]);
    expect(await app.secondary.requests()).toHaveLength(0);
  });

  it("comes from the cache, and goes there", async () => {
    const body = {
      model: "chat",
      messages: says(`held ${process.hrtime.bigint()}`),
      temperature: 0,
      stream: true,
    };
    const first = await (await app.chat(body, HOLD)).text();
    const hit = await app.chat(body, HOLD);
    expect(hit.headers.get("cache-status")).toContain("hit");
    expect(await hit.text()).toBe(first);
    expect(await (await app.chat(body)).text()).toBe(first);
    expect(await app.primary.requests()).toHaveLength(1);
  });

  it("is shared with those that are held back, and with no other", async () => {
    const body = {
      model: "patient",
      messages: says(`shared ${process.hrtime.bigint()}`),
      temperature: 0,
      stream: true,
    };
    await app.primary.fault({ kind: "cut", after: 3, gate: true });
    const live = app.chat(body);
    await app.primary.waitForRequests(1);
    const held = [app.chat(body, HOLD), app.chat(body, HOLD)];
    await app.primary.waitForRequests(2);
    await app.primary.release();
    expect(await (await live).text()).toContain("upstream_");
    for (const response of await Promise.all(held)) expect(await response.text()).toContain("[DONE]");
    expect(await app.primary.requests()).toHaveLength(2);
    expect(await app.secondary.requests()).toHaveLength(1);
  });

  it("is of a job, too: its stream comes when the job has ended", async () => {
    await app.primary.fault({ kind: "cut", after: 3 });
    const headers = { ...HOLD, "idempotency-key": `held-${process.hrtime.bigint()}` };
    const response = await app.chat(asked, headers);
    expect(response.headers.get("preference-applied")).toBe("hold");
    const text = await response.text();
    expect(text).toContain("[DONE]");
    const again = await app.chat(asked, headers);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await again.text()).toBe(text);
  });

  it("is a job where that is preferred", async () => {
    await app.primary.fault(SLOW);
    const response = await app.chat(asked, { prefer: "respond-async, wait=20, hold" });
    expect(response.status).toBe(200);
    expect(response.headers.get("preference-applied")).toBe("respond-async, wait=20");
    expect(await response.text()).not.toContain("keep-alive");
  });
});

describe("heartbeats", () => {
  it("are nothing to the openai package", async () => {
    await app.primary.fault(SLOW);
    const openai = new OpenAI({ baseURL: `${app.gateway.url}/v1`, apiKey: API_KEY, maxRetries: 0 });
    const chat = openai.chat.completions.stream(
      { model: "steady", messages: [{ role: "user", content: WORDS }] },
      { headers: HOLD },
    );
    expect((await chat.finalChatCompletion()).choices[0]?.message.content).toBe(`echo: ${WORDS}`);
    const response = openai.responses.stream({ model: "steady", input: WORDS }, { headers: HOLD });
    expect((await response.finalResponse()).output_text).toBe(`echo: ${WORDS}`);
  });

  it("are nothing to @anthropic-ai/sdk", async () => {
    await app.primary.fault(SLOW);
    const anthropic = new Anthropic({ baseURL: app.gateway.url, apiKey: API_KEY, maxRetries: 0 });
    const stream = anthropic.messages.stream(
      { model: "steady", max_tokens: 50, messages: [{ role: "user", content: WORDS }] },
      { headers: HOLD },
    );
    expect(await stream.finalText()).toBe(`echo: ${WORDS}`);
  });
});
