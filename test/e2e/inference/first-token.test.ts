import { describe, expect, it } from "vitest";
import { findFact, says, useDeployment } from "../deployment.ts";

const app = useDeployment();

const LATE = 1200;
const asked = { model: "prompt", messages: says("good day"), stream: true };
const TARGETS = ["targets[0]=primary/big", "targets[1]=secondary/small"];

const countCalls = async () =>
  (await Promise.all([app.primary.requests(), app.secondary.requests()])).map(({ length }) => length);

describe("a stream whose first token is late", () => {
  it.each([
    ["before its headers", { delayMs: LATE }],
    ["after a chunk that only names a role", { eventDelayMs: LATE }],
    ["behind heartbeats", { kind: "keep-alive", after: 1, text: ": ping\n\n", intervalMs: 50 }],
  ] as const)("goes to the next target, and its call is ended: %s", async (_, fault) => {
    await app.primary.fault(fault);
    const id = `late-${Object.keys(fault).join("-")}`;
    const response = await app.chat(asked, { "x-request-id": id });
    expect(response.headers.get("x-headrace-target")).toBe(TARGETS[1]);
    expect(response.headers.get("x-headrace-attempts")).toBe("2");
    expect(await response.text()).toMatch(/day[^]*data: \[DONE\]\n\n$/);
    await app.primary.waitUntilAborted();
    const told = { target: TARGETS[0], error: "upstream_timeout", reason: "first_token", complete: false };
    expect(await findFact(app.gateway, "attempt", id)).toMatchObject(told);
  });

  it("is waited for where no target is left", async () => {
    await app.primary.fault({ kind: "status", status: 503 });
    await app.secondary.fault({ delayMs: LATE });
    const response = await app.chat(asked);
    expect(response.headers.get("x-headrace-target")).toBe(TARGETS[1]);
    expect(await response.text()).toContain("[DONE]");
  });

  it("is waited for where no other target has answered", async () => {
    await app.primary.fault({ delayMs: LATE });
    await app.secondary.fault({ kind: "status", status: 429 });
    const response = await app.chat(asked);
    expect(response.headers.get("x-headrace-target")).toBe(TARGETS[0]);
    expect(response.headers.get("x-headrace-attempts")).toBe("3");
    expect(await response.text()).toContain("[DONE]");
  });

  it("is not asked for once more where the client is told to change what it has asked", async () => {
    await app.primary.fault({ delayMs: LATE });
    await app.secondary.fault({ kind: "status", status: 400 });
    expect((await app.chat(asked)).status).toBe(400);
    expect(await countCalls()).toEqual([1, 1]);
  });

  it("may go on slowly once it has begun", async () => {
    const messages = says("!think hm\ngood day");
    await app.primary.fault({ kind: "keep-alive", after: 2, text: ": ping\n\n", intervalMs: 50 });
    const response = await app.chat({ ...asked, messages });
    expect(response.headers.get("x-headrace-target")).toBe(TARGETS[0]);
    await response.body?.cancel();
    expect(await countCalls()).toEqual([1, 0]);
  });

  it("is none of an answer's that is asked for whole", async () => {
    await app.primary.fault({ delayMs: LATE });
    const whole = await app.chat({ ...asked, stream: false });
    expect(whole.headers.get("x-headrace-target")).toBe(TARGETS[0]);
  });

  it("goes to the next target in a job, too", async () => {
    await app.primary.fault({ delayMs: LATE });
    const response = await app.post("/v1/jobs", { task: "chat", input: asked }, { prefer: "wait=20" });
    expect(await response.json()).toMatchObject({
      status: "succeeded",
      attempts: [
        { target: TARGETS[0], error: "upstream_timeout" },
        { target: TARGETS[1], error: null },
      ],
    });
  });
});
