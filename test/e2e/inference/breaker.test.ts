import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { openRequest } from "../../helpers/open-request.ts";
import { API_KEY, readError, says, useDeployment } from "../deployment.ts";

const app = useDeployment();

const DOWN = { kind: "status", status: 500 } as const;
/** A model that no other test has called: what is known of one is not known of another. */
let models = 0;
const openModel = () => `guarded/model-${++models}`;

const ask = (model: string, more: object = {}) => app.chat({ model, messages: says("good day"), ...more });
const countCalls = async () => (await app.primary.requests()).length;

async function failOften(model: string, times: number): Promise<void> {
  await app.primary.breakDown(DOWN);
  for (let n = 0; n < times; n++) await (await ask(model)).arrayBuffer();
  await app.primary.breakDown();
}

describe("a target that keeps failing", () => {
  it("is left alone: clients are told at once, and when to come back", async () => {
    const model = openModel();
    await failOften(model, 5);
    const response = await ask(model);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await readError(response)).toMatchObject({ code: "overloaded", retryable: true });
    expect(await countCalls()).toBe(5);
  });

  it("is called by one request after a second, and by all once that was answered", async () => {
    const model = openModel();
    await failOften(model, 5);
    await app.primary.fault({ gate: true });
    await wait(1100);
    const first = ask(model);
    await app.primary.waitForRequests(6);
    const others = await Promise.all([1, 2, 3].map(() => ask(model)));
    expect(others.map(({ status }) => status)).toEqual([503, 503, 503]);
    await app.primary.release();
    expect((await first).status).toBe(200);
    const after = await Promise.all([1, 2, 3].map(() => ask(model)));
    expect(after.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it("is called all the same where every other target fails", async () => {
    const model = "guarded-fallback";
    await app.primary.breakDown(DOWN);
    for (let n = 0; n < 5; n++) expect((await ask(model)).status).toBe(200);
    await app.primary.breakDown();
    await app.secondary.breakDown(DOWN);
    await wait(1100);
    const response = await ask(model);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-headrace-target")).toBe("targets[0]=guarded/big");
    await app.secondary.breakDown();
  });

  it("may be called by another where that request's client leaves", async () => {
    const model = openModel();
    await failOften(model, 5);
    await app.primary.fault({ kind: "hang" }, { times: 1 });
    await wait(1100);
    const body = { model, messages: says("good day") };
    const left = openRequest(`${app.gateway.url}/v1/chat/completions`, body, {
      authorization: `Bearer ${API_KEY}`,
    });
    await app.primary.waitForRequests(6);
    left.leave();
    // Nothing is heard of it for 30 s where its leaving goes unnoticed.
    await vi.waitFor(async () => expect((await ask(model)).status).toBe(200), {
      timeout: 15_000,
      interval: 50,
    });
  });

  it("is passed over where the route has another", async () => {
    await failOften("guarded-fallback", 5);
    const response = await ask("guarded-fallback", { stream: true });
    expect(response.headers.get("x-headrace-target")).toBe("targets[1]=secondary/small");
    expect(response.headers.get("x-headrace-attempts")).toBe("1");
    expect(await response.text()).toContain("[DONE]");
    expect(await countCalls()).toBe(5);
  });
});

describe("a target that says when to come back", () => {
  it("is left alone until then, and clients are told so", async () => {
    const model = openModel();
    await app.primary.fault({ kind: "status", status: 429, headers: { "retry-after": "30" } }, { times: 1 });
    const responses = [await ask(model), await ask(model)];
    expect(responses.map(({ status }) => status)).toEqual([429, 429]);
    for (const response of responses) {
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(25);
      expect(await readError(response)).toMatchObject({ code: "rate_limited" });
    }
    expect(await countCalls()).toBe(1);
  });
});
