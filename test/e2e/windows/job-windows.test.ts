import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import { embed as vectorOf } from "../../helpers/fake-provider/embeddings.ts";
import type { ReceivedRequest } from "../../helpers/fake-provider-client.ts";
import { API_KEY, readError, useDeployment } from "../deployment.ts";

/** Jobs that share calls: `embed-windowed` takes eight items a call, and waits half a second for them. */
const app = useDeployment();
let serial = 0;
const ascending = (one: number | undefined, other: number | undefined) => (one ?? 0) - (other ?? 0);
const fresh = () => `seat ${process.hrtime.bigint()} ${serial++}`;
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, n) => make(n));

interface Asking {
  readonly model?: string;
  readonly headers?: Record<string, string>;
  readonly more?: object;
  readonly input?: object;
}
const submit = (
  text: string | string[],
  { model = "embed-windowed", headers = {}, more, input }: Asking = {},
) => app.post("/v1/jobs", { task: "embeddings", input: { model, input: text, ...input }, ...more }, headers);
const read = async (response: Response) => (await response.json()) as JobDocument;
const created = async (text: string | string[], asking: Asking = {}) => {
  const response = await submit(text, asking);
  expect(response.status).toBe(202);
  return read(response);
};
const call = (path: string, { method = "GET", key = API_KEY, headers = {} } = {}) =>
  fetch(app.gateway.url + path, { method, headers: { authorization: `Bearer ${key}`, ...headers } });
const see = async (id: string, key = API_KEY) => read(await call(`/v1/jobs/${id}`, { key }));
/** A job as it is at its end. */
const end = async (id: string) => {
  const job = await read(await call(`/v1/jobs/${id}`, { headers: { prefer: "wait=50" } }));
  expect(job.ended_at).not.toBeNull();
  return job;
};
const endAll = (jobs: readonly JobDocument[]) => Promise.all(jobs.map(({ id }) => end(id)));
const inputsOf = ({ body }: ReceivedRequest) => [(body as { input: string | string[] }).input].flat();
const calls = async () => (await app.primary.requests()).map(inputsOf);

interface Output {
  readonly data: readonly { readonly index: number; readonly embedding: readonly number[] }[];
  readonly usage: { readonly prompt_tokens: number };
}
function expectVector(job: JobDocument, text: string): void {
  const { data } = job.output as Output;
  const expected = [...vectorOf(text)];
  expect(data.map(({ index }) => index)).toEqual([0]);
  for (const [place, value] of (data[0]?.embedding ?? []).entries()) {
    expect(value).toBeCloseTo(expected[place] ?? NaN, 5);
  }
}

async function addTenant(tenant: string): Promise<string> {
  const key = `hr_test_${createHash("sha256").update(tenant).digest("hex").slice(0, 32)}`;
  const record = { tenant, name: "another", createdAt: "2026-11-22T00:00:00Z" };
  await app.kv.put(`key:${createHash("sha256").update(key).digest("hex")}`, JSON.stringify(record));
  return key;
}

describe("jobs that come together", () => {
  it("share few calls, and each has its own answer, usage and window", async () => {
    const texts = times(30, fresh);
    const jobs = await Promise.all(texts.map((text) => created(text)));
    expect(new Set(jobs.map(({ progress }) => progress?.phase))).toEqual(new Set(["gathering"]));
    const ended = await endAll(jobs);
    for (const [at, job] of ended.entries()) {
      expect(job).toMatchObject({
        status: "succeeded",
        cache: "miss",
        attempts: [{ n: 1, target: "targets[0]=primary/big", status: 200, error: null }],
        window: { id: expect.stringMatching(/^[0-9a-f]{8}-/) },
      });
      expect(job.cost_usd).toBeGreaterThan(0);
      expect(Date.parse(job.started_at ?? "")).toBeGreaterThanOrEqual(Date.parse(job.created_at));
      expectVector(job, texts[at] ?? "");
    }
    const made = await calls();
    expect(made.flat().toSorted()).toEqual(texts.toSorted());
    expect(made.length).toBeLessThanOrEqual(8);
    const sizes = new Map(ended.map(({ window }) => [window?.id, window?.size]));
    expect([...sizes.values()].toSorted(ascending)).toEqual(
      made.map(({ length }) => length).toSorted(ascending),
    );
  });

  it("count by their items; one that fills a call goes by itself", async () => {
    const [pair, whole] = [times(2, fresh), times(8, fresh)];
    const [small, large] = await Promise.all([created(pair), created(whole)]);
    expect([small?.progress?.phase, large?.progress?.phase]).toEqual(["gathering", "queued"]);
    const [one, other] = await endAll([small, large]);
    expect([one?.window?.size, other?.window]).toEqual([2, null]);
    const lengths = [one, other].map((job) => (job?.output as Output | undefined)?.data.length);
    expect(lengths).toEqual([2, 8]);
  });

  it("do not wait where a client waits for them, or they are urgent", async () => {
    const asked = { model: "embed-gathering" };
    const waited = await submit(fresh(), { ...asked, headers: { prefer: "wait=30" } });
    expect([waited.status, (await read(waited)).status]).toEqual([200, "succeeded"]);
    const urgent = await created(fresh(), { ...asked, more: { priority: "interactive" } });
    const soon = await created(fresh(), { ...asked, more: { start_within: 60 } });
    for (const job of await endAll([urgent, soon]))
      expect([job.status, job.window]).toEqual(["succeeded", null]);
    const text = fresh();
    const keyed = await app.embed({ model: "embed-gathering", input: text }, { "idempotency-key": fresh() });
    expect(keyed.status).toBe(200);
  });

  it("are sent in time where they must be done before the window's time is over", async () => {
    const job = await created(fresh(), { model: "embed-gathering", more: { complete_within: 4 } });
    expect(job.progress?.phase).toBe("gathering");
    expect((await end(job.id)).status).toBe("succeeded");
  });

  it("of different tenants, or with different parameters, are never in one call", async () => {
    const key = await addTenant("window-neighbour");
    const texts = times(6, fresh);
    const other = { headers: { authorization: `Bearer ${key}` } };
    const jobs = await Promise.all([
      ...texts.slice(0, 2).map((text) => created(text)),
      ...texts.slice(2, 4).map((text) => created(text, other)),
      ...texts.slice(4).map((text) => created(text, { input: { dimensions: 4 } })),
    ]);
    await Promise.all(
      jobs.map(({ id }, at) =>
        expect
          .poll(async () => (await see(id, at === 2 || at === 3 ? key : API_KEY)).status, { timeout: 20_000 })
          .toBe("succeeded"),
      ),
    );
    const made = (await calls()).map((inputs) => inputs.toSorted().join());
    const alike = [texts.slice(0, 2), texts.slice(2, 4), texts.slice(4)];
    expect(new Set(made)).toEqual(new Set(alike.map((group) => group.toSorted().join())));
    expect(made).toHaveLength(alike.length);
  });

  it("under one key are one job, with one call, and another body under it is refused", async () => {
    const text = fresh();
    const headers = { "idempotency-key": fresh() };
    const jobs = await Promise.all(times(20, () => submit(text, { headers })));
    const ids = new Set(await Promise.all(jobs.map(async (one) => (await read(one)).id)));
    expect(ids.size).toBe(1);
    const reused = await submit(fresh(), { headers });
    expect([reused.status, (await readError(reused)).code]).toEqual([422, "idempotency_key_reused"]);
    const [id = ""] = ids;
    expect((await end(id)).status).toBe("succeeded");
    expect((await submit(text, { headers })).headers.get("idempotent-replayed")).toBe("true");
    expect(await calls()).toEqual([[text]]);
  });

  it("are answered from the cache where one has asked the same, and keep their answers there", async () => {
    const model = "embed-gathering";
    const [known, unknown] = [fresh(), times(3, fresh)];
    expect((await app.embed({ model, input: known })).status).toBe(200);
    const jobs = await Promise.all([known, ...unknown].map((text) => created(text, { model })));
    const [hit, ...rest] = await endAll(jobs);
    expect([hit?.cache, hit?.attempts, hit?.window]).toEqual(["hit", [], null]);
    expect(rest.map(({ cache, window }) => [cache, window?.size])).toEqual(times(3, () => ["miss", 3]));
    expect((await calls()).map((inputs) => inputs.toSorted())).toEqual([[known], unknown.toSorted()]);
    const again = await app.embed({ model, input: unknown[0] });
    expect(again.headers.get("cache-status")).toContain("hit");
  });
});

describe("a call that goes wrong", () => {
  it("is split until the job at fault is alone", async () => {
    const texts = times(5, fresh);
    const poison = `poison ${fresh()}`;
    await app.primary.fault({ kind: "status", status: 400 }, { match: { promptIncludes: poison } });
    const jobs = await Promise.all([...texts, poison].map((text) => created(text)));
    const ended = await endAll(jobs);
    expect(ended.map(({ status }) => status)).toEqual([...times(5, () => "succeeded"), "failed"]);
    expect(ended.at(-1)?.error?.code).toBe("invalid_request");
    expect(ended.every(({ attempts }) => attempts.length === 1)).toBe(true);
    for (const [at, text] of texts.entries()) if (ended[at]) expectVector(ended[at], text);
  });

  it("that answers too little fails only those it leaves out, and they are run again", async () => {
    await app.primary.fault({ kind: "items", change: "drop-last" }, { times: 1 });
    const jobs = await Promise.all(times(4, () => created(fresh())));
    const ended = await endAll(jobs);
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(["succeeded"]));
    expect(ended.map(({ attempts }) => attempts.length).toSorted(ascending)).toEqual([1, 1, 1, 2]);
    const again = ended.find(({ attempts }) => attempts.length === 2);
    expect(again?.attempts.map(({ error }) => error)).toEqual(["upstream_invalid_response", null]);
    expect((await calls()).map(({ length }) => length)).toEqual([4, 1]);
  });

  it("is made again for all of them, and counts for each", async () => {
    await app.primary.fault({ kind: "status", status: 503 }, { times: 1 });
    const jobs = await Promise.all(times(3, () => created(fresh())));
    const ended = await endAll(jobs);
    for (const { attempts } of ended) {
      expect(attempts.map(({ status, error }) => [status, error])).toEqual([
        [503, "upstream_error"],
        [200, null],
      ]);
    }
    const received = await app.primary.requests();
    expect(received.map((one) => inputsOf(one).length)).toEqual([3, 3]);
    expect(new Set(received.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
  });

  it("for ever is given up after the route's attempts", async () => {
    await app.primary.fault({ kind: "status", status: 503 });
    const jobs = await Promise.all(times(2, () => created(fresh())));
    for (const { status, error, attempts } of await endAll(jobs)) {
      expect([status, error?.code, attempts.length]).toEqual(["failed", "attempts_exhausted", 3]);
    }
    // One a run; after two in vain the group is halved.
    expect(await app.primary.requests()).toHaveLength(4);
  });

  it("goes to the route's next target", async () => {
    await app.primary.fault({ kind: "status", status: 503 });
    const jobs = await Promise.all(times(3, () => created(fresh(), { model: "embed-windowed-fallback" })));
    for (const { status, attempts } of await endAll(jobs)) {
      expect([status, attempts.map(({ target }) => target)]).toEqual([
        "succeeded",
        ["targets[0]=primary/big", "targets[1]=secondary/small"],
      ]);
    }
    expect((await app.secondary.requests()).map((one) => inputsOf(one).length)).toEqual([3]);
  });
});

describe("a job that is canceled", () => {
  it("while it waits is never called for, and another job can take its seat", async () => {
    const model = "embed-gathering";
    const jobs = await Promise.all(times(3, () => created(fresh(), { model })));
    const canceled = await call(`/v1/jobs/${jobs[0]?.id}/cancel`, { method: "POST" });
    expect([canceled.status, (await read(canceled)).status]).toEqual([200, "canceled"]);
    const later = await Promise.all(times(2, () => created(fresh(), { model })));
    const ended = await endAll([...jobs, ...later]);
    expect(ended.map(({ status }) => status)).toEqual(["canceled", ...times(4, () => "succeeded")]);
    expect((await calls()).map(({ length }) => length)).toEqual([4]);
  });

  it("and removed is another job under its key, which never gets its answer", async () => {
    const headers = { "idempotency-key": fresh() };
    await app.primary.fault({ gate: true }, { times: 1 });
    const [first, second] = [fresh(), fresh()];
    const { id } = await created(first, { headers });
    await app.primary.waitForRequests(1);
    await call(`/v1/jobs/${id}/cancel`, { method: "POST" });
    expect((await call(`/v1/jobs/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await created(second, { headers })).id).toBe(id);
    await app.primary.release();
    expectVector(await end(id), second);
  });

  it("while it is called for stays canceled", async () => {
    await app.primary.fault({ gate: true });
    const jobs = await Promise.all(times(2, () => created(fresh())));
    await app.primary.waitForRequests(1);
    expect((await call(`/v1/jobs/${jobs[0]?.id}/cancel`, { method: "POST" })).status).toBe(200);
    await app.primary.release();
    const ended = await endAll(jobs);
    expect(ended.map(({ status }) => status)).toEqual(["canceled", "succeeded"]);
    expect((await see(jobs[0]?.id ?? "")).output).toBeNull();
  });
});

describe("a request that shares a call by itself", () => {
  it("says so in its job, too", async () => {
    await app.primary.fault({ gate: true }, { times: 1 });
    const model = "embed-shared";
    const first = app.embed({ model, input: fresh() });
    await app.primary.waitForRequests(1);
    const waited = submit(fresh(), { model, headers: { prefer: "wait=30" } });
    await app.primary.release();
    expect((await first).status).toBe(200);
    expect((await read(await waited)).window).toMatchObject({ id: expect.any(String), size: 1 });
  });
});

describe("when the process is killed", () => {
  it("the jobs that wait in a window, and those that it runs, all end, each with one call that counts", async () => {
    const stuck = times(3, (at) => `stuck ${at} ${fresh()}`);
    await app.primary.fault({ kind: "hang" }, { times: 1, match: { promptIncludes: "stuck" } });
    const running = await Promise.all(stuck.map((text) => created(text)));
    await app.primary.waitForRequests(1);
    const texts = times(20, fresh);
    const waiting = await Promise.all(texts.map((text) => created(text)));
    const canceled = await created(fresh(), { model: "embed-gathering" });
    await app.restart();
    expect((await call(`/v1/jobs/${canceled.id}/cancel`, { method: "POST" })).status).toBe(200);
    for (const { status, attempts } of await endAll(running)) {
      expect([status, attempts.map(({ error }) => error)]).toEqual(["succeeded", ["lease_expired", null]]);
    }
    const ended = await endAll(waiting);
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(["succeeded"]));
    for (const [at, job] of ended.entries()) expectVector(job, texts[at] ?? "");
    const made = (await calls()).flat();
    for (const [at, { attempts }] of ended.entries()) {
      expect(made.filter((text) => text === texts[at]).length).toBeLessThanOrEqual(attempts.length);
    }
  }, 120_000);
});
