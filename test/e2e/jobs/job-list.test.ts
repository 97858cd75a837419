import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import type { JobList, JobSummary } from "../../../worker/contract/jobs/job-list.ts";
import { readError, useDeployment } from "../deployment.ts";

const app = useDeployment();
let serial = 0;

/** A tenant of the test's own, and what it can ask. */
async function openTenant() {
  const tenant = `lister-${serial++}`;
  const key = `hr_test_${createHash("sha256").update(tenant).digest("hex").slice(0, 32)}`;
  const record = { tenant, name: "another", createdAt: "2026-11-22T00:00:00Z" };
  await app.kv.put(`key:${createHash("sha256").update(key).digest("hex")}`, JSON.stringify(record));
  const headers = { authorization: `Bearer ${key}` };
  const call = (path: string, method = "GET", more: Record<string, string> = {}) =>
    fetch(app.gateway.url + path, { method, headers: { ...headers, ...more } });
  const list = async (search = ""): Promise<JobList> => {
    const response = await call(`/v1/jobs?${search}`);
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "no-store"]);
    return (await response.json()) as JobList;
  };
  const submit = async (change: object = {}, more: Record<string, string> = {}): Promise<JobDocument> => {
    const input = { model: "embed-uncached", input: `list ${process.hrtime.bigint()} ${serial++}` };
    const response = await app.post(
      "/v1/jobs",
      { task: "embeddings", input, ...change },
      { ...headers, ...more },
    );
    expect([200, 202]).toContain(response.status);
    return (await response.json()) as JobDocument;
  };
  const end = async ({ id }: JobDocument): Promise<JobDocument> => {
    const job = (await (await call(`/v1/jobs/${id}`, "GET", { prefer: "wait=50" })).json()) as JobDocument;
    expect(job.ended_at).not.toBeNull();
    return job;
  };
  /** The job on the list, once it is as it should be: the directory hears of an end after it. */
  const listed = (id: string, status: string): Promise<JobSummary | undefined> =>
    expect
      .poll(async () => (await list("limit=100")).data.find((job) => job.id === id)?.status, {
        timeout: 20_000,
      })
      .toBe(status)
      .then(async () => (await list("limit=100")).data.find((job) => job.id === id));
  return { headers, call, list, submit, end, listed };
}

type Tenant = Awaited<ReturnType<typeof openTenant>>;

/** One after the other, so that the clock of none is behind. */
async function submitMany({ submit }: Tenant, count: number): Promise<JobDocument[]> {
  const jobs: JobDocument[] = [];
  for (let n = 0; n < count; n++) jobs.push(await submit());
  return jobs;
}

const NEWEST_FIRST = (one: JobDocument, other: JobDocument) =>
  other.created_at.localeCompare(one.created_at) || (one.id < other.id ? 1 : -1);
const idsOf = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);
const input = (model: string) => ({ model, input: `list ${process.hrtime.bigint()} ${serial++}` });

describe("GET /v1/jobs", () => {
  it("lists newest first, page by page, and is not disturbed by jobs that come meanwhile", async () => {
    const tenant = await openTenant();
    const jobs = (await submitMany(tenant, 23)).toSorted(NEWEST_FIRST);
    const found: string[] = [];
    const later: JobDocument[] = [];
    for (let after = ""; ;) {
      const page = await tenant.list(`limit=5${after}`);
      found.push(...idsOf(page.data));
      if (page.next === null) break;
      expect([page.object, page.has_more, page.data.length]).toEqual(["list", true, 5]);
      after = `&after=${page.next}`;
      later.push(await tenant.submit());
    }
    expect(found).toEqual(idsOf(jobs));
    const everything = await tenant.list("limit=100");
    expect(idsOf(everything.data)).toEqual(idsOf([...jobs, ...later].toSorted(NEWEST_FIRST)));
    expect((await tenant.list()).data).toHaveLength(20);
  });

  it("says that there is more exactly where there is", async () => {
    const tenant = await openTenant();
    expect(await tenant.list()).toEqual({ object: "list", data: [], has_more: false, next: null });
    const ids = idsOf((await submitMany(tenant, 4)).toSorted(NEWEST_FIRST));
    const all = await tenant.list("limit=4");
    expect([idsOf(all.data), all.has_more, all.next]).toEqual([ids, false, null]);
    const first = await tenant.list("limit=3");
    expect([idsOf(first.data), first.has_more, typeof first.next]).toEqual([ids.slice(0, 3), true, "string"]);
    const rest = await tenant.list(`limit=3&after=${first.next}`);
    expect([idsOf(rest.data), rest.has_more, rest.next]).toEqual([ids.slice(3), false, null]);
  });

  it("shows a job that has not ended, and then its end, as the job itself tells it", async () => {
    const tenant = await openTenant();
    await app.primary.fault({ gate: true });
    const job = await tenant.submit({ metadata: { user: "42" } });
    const [open] = (await tenant.list()).data;
    expect(open).toMatchObject({ id: job.id, object: "job", ended_at: null, metadata: { user: "42" } });
    expect(["queued", "in_progress"]).toContain(open?.status);
    await app.primary.release();
    const {
      attempts: _,
      progress: _p,
      next_attempt_at: _n,
      output: _o,
      window: _w,
      urls: _u,
      ...ended
    } = await tenant.end(job);
    expect(await tenant.listed(job.id, "succeeded")).toEqual(ended);
  });

  it("shows how each came to its end, without its output", async () => {
    const tenant = await openTenant();
    await app.primary.fault({ kind: "status", status: 400 }, { times: 1 });
    const failed = await tenant.submit();
    expect(await tenant.listed(failed.id, "failed")).toMatchObject({ error: { code: expect.any(String) } });
    await app.primary.fault({ gate: true });
    const canceled = await tenant.submit();
    await tenant.call(`/v1/jobs/${canceled.id}/cancel`, "POST");
    await app.primary.release();
    const summary = await tenant.listed(canceled.id, "canceled");
    expect(Object.keys(summary ?? {})).not.toContain("output");
  });

  it("shows requests that were jobs because of their key", async () => {
    const tenant = await openTenant();
    const response = await app.embed(input("embed-uncached"), {
      ...tenant.headers,
      "idempotency-key": "listed",
    });
    const id = response.headers.get("location")?.replace("/v1/jobs/", "") ?? "";
    expect(await tenant.listed(id, "succeeded")).toMatchObject({ task: "embeddings" });
  });

  it("filters by status, model and labels, and by several together", async () => {
    const tenant = await openTenant();
    const metadata = (user: string) => ({ user, app: "mill" });
    const first = await tenant.submit({ metadata: metadata("1") });
    const second = await tenant.submit({ metadata: metadata("2"), input: input("words") });
    await Promise.all([tenant.end(first), tenant.end(second)]);
    await app.primary.fault({ kind: "status", status: 400 }, { times: 1 });
    const third = await tenant.submit({ metadata: metadata("1") });
    await tenant.listed(third.id, "failed");
    await tenant.listed(second.id, "succeeded");
    await tenant.listed(first.id, "succeeded");
    const ask = async (search: string) => idsOf((await tenant.list(search)).data);
    expect(await ask("status=failed")).toEqual([third.id]);
    expect(await ask("status=failed,succeeded")).toEqual(idsOf([third, second, first]));
    expect(await ask("status=failed&status=expired")).toEqual([third.id]);
    expect(await ask("status=queued")).toEqual([]);
    expect(await ask("model=words")).toEqual([second.id]);
    expect(await ask("model=nowhere")).toEqual([]);
    expect(await ask("metadata[user]=1")).toEqual(idsOf([third, first]));
    expect(await ask("metadata%5Buser%5D=1&metadata%5Bapp%5D=mill&status=succeeded")).toEqual([first.id]);
    expect(await ask("metadata[user]=1&model=words")).toEqual([]);
    const page = await tenant.list("metadata[user]=1&limit=1");
    expect([idsOf(page.data), page.has_more]).toEqual([[third.id], true]);
    const next = await tenant.list(`metadata[user]=1&limit=1&after=${page.next}`);
    expect([idsOf(next.data), next.has_more]).toEqual([[first.id], false]);
  });

  it("shows a tenant its own jobs and nobody else's, whatever cursor it brings", async () => {
    const [owner, other] = await Promise.all([openTenant(), openTenant()]);
    await submitMany(owner, 3);
    expect((await other.list()).data).toEqual([]);
    const { next } = await owner.list("limit=1");
    expect((await other.list(`after=${next}`)).data).toEqual([]);
    const anonymous = await fetch(`${app.gateway.url}/v1/jobs`);
    expect([anonymous.status, (await readError(anonymous)).code]).toEqual([401, "unauthenticated"]);
  });

  it("drops a job that is deleted, and shows the next one under its key", async () => {
    const tenant = await openTenant();
    await app.primary.fault({ gate: true });
    const kept = { input: input("embed-uncached") };
    const job = await tenant.submit(kept, { "idempotency-key": "again" });
    expect((await tenant.call(`/v1/jobs/${job.id}`, "DELETE")).status).toBe(409);
    expect(idsOf((await tenant.list()).data)).toEqual([job.id]);
    await app.primary.release();
    await tenant.end(job);
    expect((await tenant.call(`/v1/jobs/${job.id}`, "DELETE")).status).toBe(204);
    expect((await tenant.list()).data).toEqual([]);
    expect((await tenant.call(`/v1/jobs/${job.id}`, "DELETE")).status).toBe(404);
    const next = await tenant.submit(kept, { "idempotency-key": "again" });
    expect([next.id, next.created_at > job.created_at]).toEqual([job.id, true]);
    expect((await tenant.listed(job.id, "succeeded"))?.created_at).toBe(next.created_at);
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=ten", "limit"],
    ["status=done", "status"],
    ["after=job_1", "after"],
    ["after=%00", "after"],
    ["model=", "model"],
    ["metadata[user]=1&metadata[user]=2", "metadata[user]"],
    ["sort=oldest", "sort"],
  ])("refuses %s and says what is at fault", async (search, param) => {
    const { call } = await openTenant();
    const response = await call(`/v1/jobs?${search}`);
    expect([response.status, await readError(response)]).toMatchObject([
      400,
      { code: "invalid_request", param },
    ]);
  });

  it("takes no other method but the one that creates", async () => {
    const { call } = await openTenant();
    const response = await call("/v1/jobs", "DELETE");
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
  });
});
