import { describe, expect, it, vi } from "vitest";
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import type { Fault } from "../../helpers/fake-provider-client.ts";
import { openRequest } from "../../helpers/open-request.ts";
import { API_KEY, readError, says, useDeployment } from "../deployment.ts";

/** Targets that take one or two calls at once. */
const app = useDeployment();
const authorization = `Bearer ${API_KEY}`;
let serial = 0;
const fresh = () => `slot ${serial++}`;
const ask = (model: string, more: object = {}) => app.chat({ model, messages: says(fresh()), ...more });
const times = <T>(count: number, make: () => T) => Array.from({ length: count }, make);
const targetOf = (response: Response) => response.headers.get("x-headrace-target");
const FIRST = "targets[0]=narrow/first";

/** Waits until two calls of a model run at once, and no more, of four that are asked for. */
async function expectTwo(model: string): Promise<void> {
  await app.primary.reset();
  await app.primary.fault({ gate: true });
  const asked = times(4, () => ask(model));
  await vi.waitFor(async () => expect((await app.primary.stats()).waiting).toBe(2));
  await app.primary.release();
  for (const response of await Promise.all(asked)) {
    expect(response.status).toBe(200);
    await response.text();
  }
  expect((await app.primary.stats()).maxInFlight).toBe(2);
}

describe("a target that takes two calls at once", () => {
  it("never gets more; the others wait for their turn, streams to their end", async () => {
    await app.primary.fault({ delayMs: 20, eventDelayMs: 5 });
    const asked = times(12, () => ask("narrow", { stream: serial % 2 === 0 }));
    for (const response of await Promise.all(asked)) {
      expect(response.status).toBe(200);
      await response.text();
    }
    const { received, maxInFlight } = await app.primary.stats();
    expect({ received, maxInFlight }).toEqual({ received: 12, maxInFlight: 2 });
  });

  it("counts the calls of all models where its provider is meant", async () => {
    await app.primary.fault({ delayMs: 20 });
    const models = ["narrow-whole-chat", "narrow-whole-other"];
    await Promise.all(times(8, () => ask(models[serial % 2] ?? "")));
    expect((await app.primary.stats()).maxInFlight).toBe(2);
  });

  it("keeps its two, whatever becomes of calls and of their clients", async () => {
    const faults: readonly Fault[] = [
      { kind: "status", status: 500 },
      { kind: "status", status: 429 },
      { kind: "reset", after: 0 },
      { kind: "reset", after: 1 },
      { kind: "hang", after: 0 },
      { kind: "hang", after: 1 },
      { kind: "cut", after: 1 },
      { kind: "html" },
      { kind: "invalid-json" },
      { kind: "error-event", after: 1 },
    ];
    for (const fault of faults) await app.primary.fault(fault, { times: 2 });
    const model = "narrow-faulty";
    await Promise.all(
      times(2 * faults.length, async () => {
        const response = await ask(model, { stream: serial % 2 === 0 });
        await response.text().catch(() => undefined);
      }),
    );
    await expectTwo(model);
  });

  it("keeps them when clients leave: while they wait, before the answer and amid it", async () => {
    const model = "narrow";
    for (const after of [0, 1]) {
      await app.primary.reset();
      await app.primary.fault({ kind: "hang", after });
      const body = () => ({ model, messages: says(fresh()), stream: true });
      const clients = times(5, () =>
        openRequest(`${app.gateway.url}/v1/chat/completions`, body(), { authorization }),
      );
      await app.primary.waitForRequests(2);
      for (const client of clients) client.leave();
      await app.primary.waitUntilAborted(2);
    }
    await expectTwo(model);
  });
});

describe("a target without room", () => {
  it("is passed over for the next one, until its stream has ended or was left", async () => {
    await app.primary.fault({ kind: "hang", after: 2 }, { times: 1 });
    const body = { model: "narrow-first", messages: says(fresh()), stream: true };
    const client = openRequest(`${app.gateway.url}/v1/chat/completions`, body, { authorization });
    await client.waitForText("data:");
    const next = await ask("narrow-first");
    expect(targetOf(next)).toBe("targets[1]=secondary/small");
    expect(next.headers.get("x-headrace-attempts")).toBe("1");
    client.leave();
    await app.primary.waitUntilAborted();
    await vi.waitFor(async () => expect(targetOf(await ask("narrow-first"))).toBe(FIRST), 5000);
  });

  it("is 503 and says when to come back, where there is no other", async () => {
    await app.primary.fault({ gate: true });
    const first = ask("narrow-shed");
    await app.primary.waitForRequests(1);
    const shed = await ask("narrow-shed");
    expect(shed.status).toBe(503);
    expect(Number(shed.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(shed.headers.get("x-headrace-attempts")).toBe("0");
    expect(await readError(shed)).toMatchObject({ code: "overloaded", retryable: true });
    await app.primary.release();
    expect((await first).status).toBe(200);
  });

  it("gets jobs and windows one call after the other, and all are answered", async () => {
    await app.primary.fault({ delayMs: 50 });
    const jobs = times(6, async () => {
      const input = { model: "narrow-jobs", input: fresh() };
      const response = await app.post("/v1/jobs", { task: "embeddings", input }, { prefer: "wait=30" });
      return (await response.json()) as JobDocument;
    });
    for (const job of await Promise.all(jobs)) expect(job).toMatchObject({ status: "succeeded" });
    expect((await app.primary.stats()).maxInFlight).toBe(1);
    await app.primary.reset();
    await app.primary.fault({ delayMs: 50 });
    const shared = times(12, () => app.embed({ model: "narrow-shared", input: [fresh(), fresh()] }));
    for (const response of await Promise.all(shared)) expect(response.status).toBe(200);
    expect((await app.primary.stats()).maxInFlight).toBe(1);
  });
});

describe("a limit that adapts", () => {
  it("lets more calls run while they are answered, and fewer when the target has too much", async () => {
    const most = async (count: number) => {
      await app.primary.reset();
      await app.primary.fault({ delayMs: 30 });
      await Promise.all(times(count, () => ask("narrow-adaptive")));
      return (await app.primary.stats()).maxInFlight;
    };
    expect(await most(1)).toBe(1);
    await most(30);
    const before = await most(12);
    expect(before).toBeGreaterThan(6);
    for (let round = 0; round < 6; round++) {
      await app.primary.reset();
      await app.primary.fault({ kind: "status", status: 429, delayMs: 30 });
      await ask("narrow-adaptive");
    }
    expect(await most(8)).toBeLessThanOrEqual(6);
  });
});
