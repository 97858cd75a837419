import { createHash } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import type { WebhookPayload } from "../../../worker/contract/webhooks.ts";
import { API_KEY, useDeployment } from "../deployment.ts";

const app = useDeployment({ vars: { HEADRACE_WEBHOOK_SECRET: "f".repeat(40) } });
const CROWD_KEY = `hr_test_${"c".repeat(32)}`;
let serial = 0;
const unique = () => `${process.hrtime.bigint()}-${serial++}`;

beforeAll(async () => {
  const record = { tenant: "crowd", name: "crowd", createdAt: "2026-11-22T00:00:00Z" };
  await app.kv.put(`key:${createHash("sha256").update(CROWD_KEY).digest("hex")}`, JSON.stringify(record));
});

async function start(key: string, job: object): Promise<string> {
  const headers = { authorization: `Bearer ${key}` };
  const response = await app.post("/v1/jobs", { task: "embeddings", ...job }, headers);
  expect(response.status).toBe(202);
  return ((await response.json()) as JobDocument).id;
}

const startMany = (count: number, job: () => object): Promise<readonly string[]> =>
  Promise.all(Array.from({ length: count }, () => start(CROWD_KEY, job())));

/** How long something takes, in milliseconds. */
async function time(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

/** A receiver has 15 s to answer, and a consumer calls five at once: twenty in their order take a minute. */
const SOON_MS = 15_000;

it("a webhook is told soon, though another tenant's twenty receivers do not answer", async () => {
  const tell = (word: string) => ({
    input: { model: "words", input: "a mill" },
    metadata: { receiver: word },
    webhook: { url: `${app.secondary.url}/hooks?${unique()}` },
  });
  const told = (filter: (payload: WebhookPayload) => boolean, count = 1) =>
    app.secondary.waitForRequests(count, {
      timeoutMs: 90_000,
      filter: ({ body }) => filter(body as WebhookPayload),
    });
  const tellOne = async () => {
    const id = await start(API_KEY, tell("prompt"));
    await told(({ data }) => data.id === id);
  };
  const alone = await time(tellOne);
  await app.secondary.fault({ kind: "hang" }, { match: { promptIncludes: "never answers" } });
  await startMany(20, () => tell("never answers"));
  await told(({ data }) => data.metadata?.["receiver"] === "never answers");
  const crowded = await time(tellOne);
  console.log(`a webhook: ${alone.toFixed()} ms alone, ${crowded.toFixed()} ms in the crowd`);
  expect(crowded).toBeLessThan(SOON_MS);
});

it("an interactive job is run soon, though another tenant's forty are slow", async () => {
  const ask = (text: string) => ({ input: { model: "embed-uncached", input: `${text} ${unique()}` } });
  const runOne = async () => {
    const id = await start(API_KEY, { ...ask("quick"), priority: "interactive" });
    const headers = { authorization: `Bearer ${API_KEY}`, prefer: "wait=60" };
    const job = await (await fetch(`${app.gateway.url}/v1/jobs/${id}`, { headers })).json();
    expect(job).toMatchObject({ status: "succeeded" });
  };
  const alone = await time(runOne);
  await app.primary.fault({ delayMs: 1000 }, { match: { promptIncludes: "slow" } });
  const called = (count: number) => app.primary.waitForRequests(count, { timeoutMs: 60_000 });
  const all = time(async () => {
    await startMany(40, () => ask("slow"));
    await called(42);
  });
  await called(6);
  const crowded = await time(runOne);
  const allMs = await all;
  console.log(
    `a job: ${alone.toFixed()} ms alone, ${crowded.toFixed()} ms of the crowd's ${allMs.toFixed()}`,
  );
  expect(crowded).toBeLessThan(allMs / 2);
});
