import * as fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { type JobDocument, jobDocument } from "../../../worker/contract/jobs/job-document.ts";
import { sha256Hex } from "../../../worker/domain/cache/cache-key.ts";
import { hostileAnswer } from "../../helpers/hostile-answers.ts";
import {
  durableRequest,
  jobListRequest,
  jobPathRequest,
  jobRequest,
} from "../../helpers/hostile-requests.ts";
import { useDeployment } from "../deployment.ts";
import { expectNoBugs, fuzz, FUZZ_TIMEOUT_MS, send, settings } from "../fuzz/fuzzing.ts";
import { jobCommands, JobModel, type JobPlan, jobPlan, settle, type World } from "./job-commands.ts";
import type { Read } from "../inference/response-law.ts";

const app = useDeployment();
vi.setConfig({ testTimeout: FUZZ_TIMEOUT_MS });
const get = (path: string, headers: Record<string, string> = {}) =>
  send(app, { method: "GET", path, headers, body: undefined });

/**
 * Accepted is accepted: whatever the request was, its job comes to an end, and is read the same by a
 * process that has nothing of it in memory.
 */
async function expectEnds(ids: ReadonlySet<string>): Promise<void> {
  const read = (id: string) =>
    get(`/v1/jobs/${id}`, { prefer: "wait=30" }).then(({ text }) => JSON.parse(text) as unknown);
  const readAll = () => Promise.all([...ids].map(read));
  const ended = await readAll();
  for (const job of ended) expect(jobDocument.parse(job).ended_at).not.toBeNull();
  await app.restart();
  for (const [index, job] of (await readAll()).entries()) expect(job).toEqual(ended[index]);
}

describe("whatever is sent, the answer is one of the documented ones, and no bug is logged:", () => {
  it("to POST /v1/jobs", async () => {
    const { statuses, ids } = await fuzz(app, jobRequest, 800);
    for (const status of [202, 400, 401, 404, 413, 415, 422]) expect(statuses[status]).toBeGreaterThan(0);
    expectNoBugs(app);
    await expectEnds(ids);
  });

  it("to a synchronous endpoint, with a key or a preference", async () => {
    const { statuses, ids } = await fuzz(app, durableRequest, 800, {
      examples: [
        {
          method: "POST",
          path: "/v1/embeddings",
          // Once taken by the door and not by what reads the stored job.
          headers: { "idempotency-key": "label", "x-headrace-metadata": '{"":"empty"}' },
          body: JSON.stringify({ model: "words", input: "x" }),
        },
      ],
    });
    for (const status of [200, 202, 400, 404, 422]) expect(statuses[status]).toBeGreaterThan(0);
    expectNoBugs(app);
    await expectEnds(ids);
  });

  it("to the list of jobs", async () => {
    const { statuses } = await fuzz(app, jobListRequest, 200);
    for (const status of [200, 400]) expect(statuses[status]).toBeGreaterThan(0);
    expectNoBugs(app);
  });

  it("to any path of a job, by any method", async () => {
    const input = { model: "embed-uncached", input: "a mill" };
    const created = await app.post("/v1/jobs", { task: "embeddings", input }, { prefer: "wait=30" });
    const { id } = (await created.json()) as JobDocument;
    const { statuses } = await fuzz(app, jobPathRequest([id]), 600);
    for (const status of [404, 405]) expect(statuses[status]).toBeGreaterThan(0);
    expectNoBugs(app);
  });
});

describe("whatever the provider answers,", () => {
  it("the job comes to an end that can be kept, and its caller is told in documented words", async () => {
    const ids = new Set<string>();
    const statuses: Record<number, number> = {};
    await fc.assert(
      fc.asyncProperty(hostileAnswer, async (fault) => {
        const key = `answer ${ids.size} ${process.hrtime.bigint()}`;
        await app.primary.fault(fault, { match: { promptIncludes: key } });
        const body = JSON.stringify({ model: "embed-known", input: key });
        const headers = { "idempotency-key": key };
        const request = { method: "POST", path: "/v1/embeddings", headers, body };
        const first = await send(app, request);
        const again = await send(app, request);
        expect(again.headers.get("idempotent-replayed")).toBe("true");
        expect([again.status, again.error?.message]).toEqual([first.status, first.error?.message]);
        if (first.error === undefined) expect(again.text).toBe(first.text);
        statuses[first.status] = (statuses[first.status] ?? 0) + 1;
        ids.add(first.headers.get("location")?.split("/").at(-1) ?? "");
      }),
      settings(150),
    );
    for (const status of [200, 422, 502]) expect(statuses[status]).toBeGreaterThan(0);
    expectNoBugs(app);
    await expectEnds(ids);
  });
});

describe("whatever is asked of one job, in whatever order,", () => {
  const TENANT_KEY = "hr_test_anothertenantanothertenantanot";
  const FAULTS = {
    answers: { gate: true },
    refuses: { gate: true, kind: "status", status: 422 },
    "fails once": { gate: true, kind: "status", status: 503 },
  } as const;
  let serial = 0;

  async function openWorld(plan: JobPlan): Promise<World> {
    const text = `life ${process.hrtime.bigint()} ${serial++}`;
    await app.primary.reset();
    const match = { promptIncludes: text };
    const once = plan.provider === "fails once" ? { times: 1 } : {};
    await app.primary.fault(FAULTS[plan.provider], { match, ...once });
    await app.primary.fault(FAULTS.answers, { match });
    return {
      plan,
      key: text,
      input: { model: "embed-uncached", input: text },
      release: () => app.primary.release(),
      call: (method, path, { headers = {}, body, foreign = false } = {}) =>
        send(app, {
          method,
          path,
          headers: foreign ? { ...headers, authorization: `Bearer ${TENANT_KEY}` } : headers,
          body: body === undefined ? undefined : JSON.stringify(body),
        }),
    };
  }

  beforeAll(async () => {
    const record = { tenant: "meddler", name: "test", createdAt: "2026-11-22T00:00:00Z" };
    await app.kv.put(`key:${await sha256Hex(TENANT_KEY)}`, JSON.stringify(record));
  });

  it("each answer follows from what was seen before, and the first outcome stays", async () => {
    const phases: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(jobPlan, jobCommands, async (plan, commands) => {
        const real = await openWorld(plan);
        const model = new JobModel();
        await fc.asyncModelRun(() => ({ model, real }), commands);
        await settle(model, real);
        const end = model.document?.status ?? "absent";
        phases[end] = (phases[end] ?? 0) + 1;
      }),
      settings(40),
    );
    for (const end of ["succeeded", "failed", "canceled", "absent"]) expect(phases[end]).toBeGreaterThan(0);
    expectNoBugs(app);
  });

  const ASKED = ["submit", "wait for it", "look", "read the output", "cancel"] as const;
  const someAsked = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...ASKED.slice(0, 4)) },
      { weight: 1, arbitrary: fc.constant("cancel" as const) },
    ),
    { minLength: 4, maxLength: 16, size: "max" },
  );

  it("asked all at once, there is one job, one call of the provider and one outcome", async () => {
    const ends = new Set<string>();
    await fc.assert(
      fc.asyncProperty(someAsked, fc.nat(40), async (asked, delayMs) => {
        const key = `crowd ${process.hrtime.bigint()} ${serial++}`;
        await app.primary.fault({ delayMs }, { match: { promptIncludes: key } });
        const body = JSON.stringify({ model: "embed-uncached", input: key });
        const submit = (headers: Record<string, string>) =>
          send(app, {
            method: "POST",
            path: "/v1/embeddings",
            headers: { "idempotency-key": key, ...headers },
            body,
          });
        const first = await submit({ prefer: "respond-async" });
        const path = first.headers.get("location") ?? "";
        const ask: Record<(typeof ASKED)[number], () => Promise<Read>> = {
          submit: () => submit({ prefer: "respond-async" }),
          "wait for it": () => submit({}),
          look: () => get(path),
          "read the output": () => get(`${path}/output`),
          cancel: () => send(app, { method: "POST", path: `${path}/cancel`, headers: {}, body: undefined }),
        };
        const read = await Promise.all(asked.map((what) => ask[what]()));
        const job = jobDocument.parse(JSON.parse((await get(path, { prefer: "wait=30" })).text));
        ends.add(job.status);
        if (!asked.includes("cancel")) expect(job.status).toBe("succeeded");
        const answers = read.filter((one, at) => one.status === 200 && /wait|output/.test(asked[at] ?? ""));
        for (const { text } of answers) expect(JSON.parse(text)).toEqual(job.output);
        expect(new Set(answers.map(({ text }) => text)).size).toBeLessThanOrEqual(1);
        const calls = await app.primary.requests(
          ({ body: sent }) => (sent as { input?: unknown }).input === key,
        );
        expect(calls.length).toBeLessThanOrEqual(1);
      }),
      settings(30),
    );
    expect(ends).toEqual(new Set(["succeeded", "canceled"]));
    expectNoBugs(app);
  });
});
