import { describe, expect, it } from "vitest";
import { createCallWebhook } from "../../../worker/platform/call-webhook.ts";
import { silence, useLocalServer } from "../../sdk/local-server.ts";

const NOW = Date.parse("2026-11-22T09:00:00Z");
const receiver = useLocalServer();
const call = (timeoutMs = 60_000, url = `${receiver().url}/hooks`) =>
  createCallWebhook(
    fetch,
    () => NOW,
    timeoutMs,
  )({
    url,
    headers: { "content-type": "application/json", "webhook-id": "msg_1" },
    body: '{"text":"Grüße"}',
  });

describe("a call of a receiver", () => {
  it("posts the text as it is, and gives the status", async () => {
    receiver().answer((response) => response.writeHead(204).end());
    expect(await call()).toEqual({ kind: "answered", status: 204, retryAfterMs: undefined });
    expect(receiver().seen).toMatchObject([
      { method: "POST", path: "/hooks", body: '{"text":"Grüße"}', headers: { "webhook-id": "msg_1" } },
    ]);
  });

  it.each([
    ["120", 120_000],
    ["Sun, 22 Nov 2026 09:10:00 GMT", 600_000],
    ["soon", undefined],
  ])("reads Retry-After: %s", async (header, retryAfterMs) => {
    receiver().answer((response) => response.writeHead(503, { "retry-after": header }).end());
    expect(await call()).toEqual({ kind: "answered", status: 503, retryAfterMs });
  });

  it.each([301, 302, 303, 307, 308])("takes a %i for an answer, and goes nowhere", async (status) => {
    receiver().answer((response) => response.writeHead(status, { location: "/elsewhere" }).end());
    expect(await call()).toMatchObject({ kind: "answered", status });
    expect(receiver().seen).toHaveLength(1);
  });

  it("reads nothing of a body that has no end", async () => {
    const left = Promise.withResolvers<void>();
    receiver().answer((response) => {
      response.writeHead(200);
      response.on("close", () => left.resolve());
      const pour = () => {
        while (response.write("x".repeat(65_536)));
        response.once("drain", pour);
      };
      pour();
    });
    expect(await call()).toMatchObject({ kind: "answered", status: 200 });
    await left.promise;
  });

  it("gives up a receiver that says nothing", async () => {
    receiver().answer(silence);
    expect(await call(50)).toEqual({ kind: "unanswered", reason: "no answer within 50 ms" });
  });

  it("gives a reason where no server listens, or the connection breaks", async () => {
    receiver().answer((response) => response.destroy());
    expect(await call()).toMatchObject({ kind: "unanswered", reason: expect.stringMatching(/./) });
    expect(await call(60_000, "http://127.0.0.1:1/")).toMatchObject({ kind: "unanswered" });
  });
});
