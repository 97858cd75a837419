import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import { API_KEY, readError, useDeployment } from "../deployment.ts";

const app = useDeployment();
let serial = 0;
const fresh = () => `job ${process.hrtime.bigint()} ${serial++}`;
const freshKey = () => `key-${process.hrtime.bigint()}-${serial++}`;
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, n) => make(n));
const ask = (text = fresh(), model = "embed-uncached") => ({ model, input: text });

const submit = (input: object, headers: Record<string, string> = {}, more: object = {}) =>
  app.post("/v1/jobs", { task: "embeddings", input, ...more }, headers);
const readJob = async (response: Response) => (await response.json()) as JobDocument;
const call = (path: string, { method = "GET", key = API_KEY, headers = {} } = {}) =>
  fetch(app.gateway.url + path, { method, headers: { authorization: `Bearer ${key}`, ...headers } });
const see = (id: string, wait = 0) =>
  call(`/v1/jobs/${id}`, { headers: wait > 0 ? { prefer: `wait=${wait}` } : {} });
/** A job as it is at its end. */
const end = async (id: string) => {
  const job = await readJob(await see(id, 50));
  expect(job.ended_at).not.toBeNull();
  return job;
};
const created = async (input: object, headers: Record<string, string> = {}, more: object = {}) => {
  const response = await submit(input, headers, more);
  expect(response.status).toBe(202);
  return readJob(response);
};

async function addTenant(tenant: string): Promise<string> {
  const key = `hr_test_${createHash("sha256").update(tenant).digest("hex").slice(0, 32)}`;
  const record = { tenant, name: "another", createdAt: "2026-11-22T00:00:00Z" };
  await app.kv.put(`key:${createHash("sha256").update(key).digest("hex")}`, JSON.stringify(record));
  return key;
}

describe("POST /v1/jobs", () => {
  it("runs with the request's own Cache-Control and trace, whenever that is", async () => {
    const text = fresh();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const cached = await readJob(await submit(ask(text, "embed"), { traceparent }, {}));
    expect((await end(cached.id)).cache).toBe("miss");
    const [asked] = await app.primary.requests();
    expect(asked?.headers["traceparent"]).toContain("0af7651916cd43dd8448eb211c80319c");
    const again = await readJob(await submit(ask(text, "embed")));
    expect((await end(again.id)).cache).toBe("hit");
    const anew = await readJob(await submit(ask(text, "embed"), { "cache-control": "no-cache" }));
    expect((await end(anew.id)).cache).toBe("miss");
    expect(await app.primary.requests()).toHaveLength(2);
  });

  it("accepts a job at once, runs it through the queue, and keeps its answer", async () => {
    const response = await submit(ask(), {}, { metadata: { user: "42" } });
    const job = await readJob(response);
    expect([response.status, job.status, job.output]).toEqual([202, "queued", null]);
    expect(response.headers.get("location")).toBe(`/v1/jobs/${job.id}`);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    const ended = await end(job.id);
    expect(ended).toMatchObject({
      status: "succeeded",
      model: "embed-uncached",
      attempts: [{ n: 1, target: "targets[0]=primary/big", status: 200, error: null }],
      output: { object: "list", data: [{ index: 0 }] },
      usage: { total_tokens: expect.any(Number) },
      cache: "miss",
      metadata: { user: "42" },
    });
    expect(ended.cost_usd).toBeGreaterThan(0);
  });

  it("tells the provider the job's id as its idempotency key, at every attempt", async () => {
    await app.primary.fault({ kind: "status", status: 503 }, { times: 1 });
    const { id } = await created(ask());
    await end(id);
    const keys = (await app.primary.requests()).map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toEqual([id, id]);
  });

  it("answers with the outcome where that comes while the client waits", async () => {
    const response = await submit(ask(), { prefer: "wait=30" });
    expect(response.status).toBe(200);
    expect(response.headers.get("preference-applied")).toBe("wait=30");
    expect(response.headers.get("retry-after")).toBeNull();
    expect((await readJob(response)).status).toBe("succeeded");
  });

  it("answers with the job where the wait runs out, and goes on with it", async () => {
    await app.primary.fault({ gate: true });
    const response = await submit(ask(), { prefer: "wait=1" });
    const job = await readJob(response);
    expect([response.status, job.status, job.error]).toEqual([202, "in_progress", null]);
    await app.primary.release();
    expect((await end(job.id)).status).toBe("succeeded");
    expect(await app.primary.requests()).toHaveLength(1);
  });

  it.each([
    ["a task nobody knows", { task: "dream" }, "task"],
    ["a body its task cannot take", { input: { model: "embed" } }, "input.input"],
    ["a stream", { input: { model: "embed", input: "x", stream: true } }, "input.stream"],
    ["a field nobody knows", { priorty: "normal" }, null],
    ["a bound out of its range", { retain_for: 1 }, "retain_for"],
  ])("refuses %s and claims no key for it", async (_, change, param) => {
    const key = freshKey();
    const response = await submit(ask(), { "idempotency-key": key }, change);
    expect(response.status).toBe(400);
    expect((await readError(response)).param).toBe(param);
    expect((await submit(ask(), { "idempotency-key": key })).status).toBe(202);
  });

  it("refuses a model that is not there", async () => {
    const response = await submit(ask("x", "nowhere"));
    expect(await readError(response)).toMatchObject({ code: "model_not_found", param: "input.model" });
  });

  it("keeps answers that are not JSON", async () => {
    const input = { model: "voice", input: "a mill", voice: "alloy" };
    const response = await app.post("/v1/jobs", { task: "speech", input }, { prefer: "wait=30" });
    const job = await readJob(response);
    expect([job.status, job.output]).toEqual(["succeeded", null]);
    const output = await call(`/v1/jobs/${job.id}/output`);
    expect(output.headers.get("content-type")).toMatch(/^audio\//);
    expect(output.headers.get("cache-control")).toBe("no-store");
    expect((await output.arrayBuffer()).byteLength).toBeGreaterThan(0);
  });

  it("runs many at once, each once", async () => {
    const jobs = await Promise.all(times(100, () => created(ask())));
    const ended = await Promise.all(jobs.map(({ id }) => end(id)));
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(["succeeded"]));
    const keys = (await app.primary.requests()).map(({ headers }) => headers["idempotency-key"]);
    const ids = new Set(jobs.map(({ id }) => id));
    // Those of earlier tests may still be on their way.
    const own = keys.map(String).filter((key) => ids.has(key));
    expect(own.toSorted()).toEqual([...ids].toSorted());
  });
});

describe("a job whose provider fails", () => {
  it("is run again until it succeeds", async () => {
    await app.primary.fault({ kind: "status", status: 503 }, { times: 2 });
    const { id } = await created(ask());
    const job = await end(id);
    expect(job.status).toBe("succeeded");
    expect(job.attempts.map(({ status, error }) => [status, error])).toEqual([
      [503, "upstream_error"],
      [503, "upstream_error"],
      [200, null],
    ]);
  });

  it("waits as long as the provider asks", async () => {
    await app.primary.fault({ kind: "status", status: 429, headers: { "retry-after": "2" } }, { times: 1 });
    const { id } = await created(ask());
    await end(id);
    const [first, second] = await app.primary.requests();
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(2000);
  });

  it("fails when its attempts are used up", async () => {
    await app.primary.fault({ kind: "status", status: 500 });
    const { id } = await created(ask(fresh(), "embed-twice"));
    const job = await end(id);
    expect([job.status, job.error?.code]).toEqual(["failed", "attempts_exhausted"]);
    expect(await app.primary.requests()).toHaveLength(2);
  });

  it("fails at once where the request itself is at fault, with the provider's words", async () => {
    await app.primary.fault({ kind: "status", status: 422 });
    const { id } = await created(ask());
    const job = await end(id);
    expect(job.error).toEqual({
      provider_code: "fault_422",
      code: "model_input_invalid",
      message: "A fault of status 422.",
    });
    expect(await app.primary.requests()).toHaveLength(1);
    const output = await call(`/v1/jobs/${id}/output`);
    expect([output.status, (await readError(output)).code]).toEqual([404, "not_found"]);
  });

  it("is a job of its own when it is retried, which names the first", async () => {
    await app.primary.fault({ kind: "status", status: 422 }, { times: 1 });
    const text = fresh();
    const { id } = await created(ask(text), {}, { metadata: { user: "42" } });
    await end(id);
    const response = await call(`/v1/jobs/${id}/retry`, { method: "POST" });
    expect(response.status).toBe(202);
    const second = await readJob(response);
    expect(second.id).not.toBe(id);
    expect(await end(second.id)).toMatchObject({
      status: "succeeded",
      retry_of: id,
      metadata: { user: "42" },
    });
    expect((await app.primary.requests()).at(-1)?.body).toMatchObject({ input: text });
    expect((await end(id)).status).toBe("failed");
  });
});

describe("an Idempotency-Key", () => {
  it("gives the same bytes again, and no provider is called", async () => {
    const headers = { "idempotency-key": freshKey() };
    const body = ask();
    const first = await app.embed(body, headers);
    const bytes = await first.text();
    expect([first.status, first.headers.get("idempotent-replayed")]).toEqual([200, null]);
    // Another order of the same properties is the same request.
    const second = await app.embed({ input: body.input, model: body.model }, headers);
    expect([second.status, second.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
    expect(await second.text()).toBe(bytes);
    expect(second.headers.get("x-headrace-target")).toBe(first.headers.get("x-headrace-target"));
    expect(await app.primary.requests()).toHaveLength(1);
    const output = await call(`${first.headers.get("location")}/output`);
    expect(await output.text()).toBe(bytes);
  });

  it("gives chat and its dialects the same answer again", async () => {
    const messages = [{ role: "user", content: fresh() }];
    const paths = {
      "/v1/chat/completions": { model: "chat", messages, temperature: 1 },
      "/v1/responses": { model: "chat", input: fresh() },
      "/v1/messages": { model: "chat", messages, max_tokens: 50 },
    };
    for (const [path, body] of Object.entries(paths)) {
      const headers = { "idempotency-key": freshKey() };
      const first = await app.post(path, body, headers);
      expect(first.status).toBe(200);
      const second = await app.post(path, body, headers);
      expect(second.headers.get("idempotent-replayed")).toBe("true");
      expect(await second.text()).toBe(await first.text());
    }
    expect(await app.primary.requests()).toHaveLength(3);
  });

  it("gives sound again, the same bytes under the same type", async () => {
    const headers = { "idempotency-key": freshKey() };
    const body = { model: "voice", input: fresh(), voice: "alloy" };
    const first = await app.post("/v1/audio/speech", body, headers);
    const second = await app.post("/v1/audio/speech", body, headers);
    expect(second.headers.get("idempotent-replayed")).toBe("true");
    expect(second.headers.get("content-type")).toBe(first.headers.get("content-type"));
    const bytes = new Uint8Array(await first.arrayBuffer());
    expect(bytes.byteLength).toBeGreaterThan(0);
    expect(new Uint8Array(await second.arrayBuffer())).toEqual(bytes);
    expect(await app.primary.requests()).toHaveLength(1);
  });

  it.each(["sync", "async", "mixed"])(
    "makes fifty %s requests at once one job and one call",
    async (kind) => {
      await app.primary.fault({ delayMs: 300 });
      const key = { "idempotency-key": freshKey() };
      const body = ask();
      const isAsync = (index: number) => kind === "async" || (kind === "mixed" && index % 2 === 0);
      const responses = await Promise.all(
        times(50, (index) => app.embed(body, isAsync(index) ? { ...key, prefer: "respond-async" } : key)),
      );
      const locations = new Set(responses.map(({ headers }) => headers.get("location")));
      expect(locations.size).toBe(1);
      const id = [...locations][0]?.split("/").at(-1) ?? "";
      expect((await end(id)).status).toBe("succeeded");
      const answers = responses.filter(({ status }) => status === 200);
      expect(new Set(await Promise.all(answers.map((one) => one.text()))).size).toBe(
        kind === "async" ? 0 : 1,
      );
      expect(responses.every(({ status }, index) => status === (isAsync(index) ? 202 : 200))).toBe(true);
      expect(await app.primary.requests()).toHaveLength(1);
    },
  );

  it("is refused with another body, at another path, and not for another tenant", async () => {
    const key = { "idempotency-key": freshKey() };
    await app.embed(ask(), key);
    for (const response of [await app.embed(ask(), key), await submit(ask(), key)]) {
      expect([response.status, (await readError(response)).code]).toEqual([422, "idempotency_key_reused"]);
    }
    const authorization = `Bearer ${await addTenant("keys")}`;
    expect((await app.embed(ask(), { ...key, authorization })).status).toBe(200);
  });

  it("is the same bare and quoted", async () => {
    const key = freshKey();
    const body = ask();
    await app.embed(body, { "idempotency-key": key });
    const again = await app.embed(body, { "idempotency-key": `"${key}"` });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
  });

  it.each(["", "k".repeat(256), '"open', "caf\u00e9", "tab\tbed"])("is refused as %j", async (key) => {
    const response = await app.embed(ask(), { "idempotency-key": key });
    expect([response.status, (await readError(response)).code]).toEqual([400, "idempotency_key_invalid"]);
    expect(await app.primary.requests()).toHaveLength(0);
  });

  it("waits for the queue where the first try fails", async () => {
    await app.primary.fault({ kind: "status", status: 503 }, { times: 1 });
    const response = await app.embed(ask(), { "idempotency-key": freshKey() });
    expect([response.status, response.headers.get("x-headrace-attempts")]).toEqual([200, "2"]);
  });

  it("gives a failure again as it was", async () => {
    await app.primary.fault({ kind: "status", status: 422 }, { times: 1 });
    const key = { "idempotency-key": freshKey() };
    const body = ask();
    const first = await app.embed(body, key);
    const second = await app.embed(body, key);
    expect([first.status, second.status]).toEqual([422, 422]);
    expect((await readError(second)).message).toBe((await readError(first)).message);
    expect(second.headers.get("idempotent-replayed")).toBe("true");
  });

  it("outlives the deadline of who sent it", async () => {
    await app.primary.fault({ gate: true });
    const key = { "idempotency-key": freshKey() };
    const body = ask();
    const first = await app.embed(body, { ...key, "x-headrace-timeout-ms": "300" });
    expect([first.status, (await readError(first)).code]).toEqual([504, "deadline_exceeded"]);
    await app.primary.release();
    expect((await app.embed(body, key)).status).toBe(200);
    expect(await app.primary.requests()).toHaveLength(1);
  });
});

describe("a route whose jobs are identified by their content", () => {
  const known = (text: string) => ask(text, "embed-known");

  it("makes fifty identical requests without a key one job and one call, whichever way they come", async () => {
    await app.primary.fault({ delayMs: 300 });
    const text = fresh();
    const responses = await Promise.all(
      times(50, (index) =>
        [
          () => app.embed(known(text)),
          () => app.embed(known(text), { prefer: "respond-async" }),
          () => submit(known(text), {}, { metadata: { index: String(index) } }),
        ][index % 3]?.(),
      ),
    );
    const locations = new Set(responses.map((response) => response?.headers.get("location")));
    expect(locations.size).toBe(1);
    await end([...locations][0]?.split("/").at(-1) ?? "");
    expect(await app.primary.requests()).toHaveLength(1);
    expect((await app.embed(known(text))).headers.get("idempotent-replayed")).toBe("true");
    expect((await app.embed(known(fresh()))).headers.get("idempotent-replayed")).toBeNull();
    expect(await app.primary.requests()).toHaveLength(2);
  });

  it("asks anew for clients with a key of their own, and for those that want nothing kept", async () => {
    const text = fresh();
    await app.embed(known(text));
    await app.embed(known(text), { "idempotency-key": freshKey() });
    for (const directive of ["no-cache", "no-store"]) {
      const response = await app.embed(known(text), { "cache-control": directive });
      expect(response.headers.get("location")).toBeNull();
    }
    const { id } = await readJob(await submit(known(text), { "cache-control": "no-cache" }));
    await end(id);
    expect(await app.primary.requests()).toHaveLength(5);
  });

  it("gives a failure again, until the job is deleted", async () => {
    await app.primary.fault({ kind: "status", status: 503 }, { times: 1 });
    const text = fresh();
    const first = await app.embed(known(text));
    expect((await app.embed(known(text))).status).toBe(first.status);
    expect(first.status).toBe(502);
    await call(first.headers.get("location") ?? "", { method: "DELETE" });
    expect((await app.embed(known(text))).status).toBe(200);
  });
});

describe("Prefer: respond-async", () => {
  it("answers with a job", async () => {
    const response = await app.embed(ask(), { prefer: "respond-async" });
    const job = await readJob(response);
    expect([response.status, job.object, job.task]).toEqual([202, "job", "embeddings"]);
    expect(response.headers.get("preference-applied")).toBe("respond-async");
    expect((await end(job.id)).status).toBe("succeeded");
  });

  it("answers as ever where the answer comes in the wait", async () => {
    const response = await app.embed(ask(), { prefer: "respond-async, wait=20" });
    expect(response.status).toBe(200);
    expect(response.headers.get("preference-applied")).toBe("respond-async, wait=20");
    expect(await response.json()).toMatchObject({ object: "list" });
  });

  it("answers with the job where it does not", async () => {
    await app.primary.fault({ gate: true });
    const response = await app.embed(ask(), { prefer: "respond-async, wait=1" });
    expect(response.status).toBe(202);
    const { id } = await readJob(response);
    await app.primary.release();
    expect((await end(id)).status).toBe("succeeded");
  });
});

describe("a job", () => {
  it("says at once that it is not over, and its output that it is not there", async () => {
    await app.primary.fault({ gate: true });
    const { id } = await created(ask());
    const waited = await see(id, 1);
    expect([waited.status, waited.headers.get("preference-applied")]).toEqual([200, "wait=1"]);
    expect(Number(waited.headers.get("retry-after"))).toBeGreaterThan(0);
    const output = await call(`/v1/jobs/${id}/output`);
    expect([output.status, (await readError(output)).code]).toEqual([409, "job_not_terminal"]);
    for (const [method, path] of [
      ["DELETE", ""],
      ["POST", "/retry"],
    ] as const) {
      const refused = await call(`/v1/jobs/${id}${path}`, { method });
      expect([refused.status, (await readError(refused)).code]).toEqual([409, "job_not_terminal"]);
    }
    await app.primary.release();
    await end(id);
  });

  it("is canceled at once while it waits", async () => {
    await app.primary.fault(
      { kind: "status", status: 429, headers: { "retry-after": "3000" } },
      { times: 1 },
    );
    const { id } = await created(ask());
    await app.primary.waitForRequests(1);
    await expect.poll(async () => (await readJob(await see(id))).status).toBe("queued");
    const canceled = await call(`/v1/jobs/${id}/cancel`, { method: "POST" });
    expect([canceled.status, (await readJob(canceled)).status]).toEqual([200, "canceled"]);
  });

  it("is canceled while it runs: the answer is dropped, its cost is not", async () => {
    await app.primary.fault({ gate: true });
    const key = { "idempotency-key": freshKey(), prefer: "respond-async" };
    const body = ask();
    const { id } = await readJob(await app.embed(body, key));
    await app.primary.waitForRequests(1);
    const canceling = await call(`/v1/jobs/${id}/cancel`, { method: "POST" });
    const job = await readJob(canceling);
    expect([canceling.status, job.status, job.progress?.phase]).toEqual([202, "in_progress", "canceling"]);
    await app.primary.release();
    const ended = await end(id);
    expect([ended.status, ended.output]).toEqual(["canceled", null]);
    expect(ended.cost_usd).toBeGreaterThan(0);
    const sync = await app.embed(body, { "idempotency-key": key["idempotency-key"] });
    expect([sync.status, (await readError(sync)).code]).toEqual([409, "job_canceled"]);
  });

  it("stops its call to the provider soon after it is canceled", async () => {
    await app.primary.fault({ kind: "hang" });
    const { id } = await created(ask());
    await app.primary.waitForRequests(1);
    await call(`/v1/jobs/${id}/cancel`, { method: "POST" });
    await app.primary.waitUntilAborted(1, { timeoutMs: 20_000 });
    expect((await end(id)).status).toBe("canceled");
  });

  it("stays as it ended when it is canceled afterwards", async () => {
    const { id } = await created(ask());
    await end(id);
    const canceled = await call(`/v1/jobs/${id}/cancel`, { method: "POST" });
    expect([canceled.status, (await readJob(canceled)).status]).toEqual([200, "succeeded"]);
  });

  it("is forgotten when it is deleted, and its key with it", async () => {
    const key = { "idempotency-key": freshKey() };
    const first = await app.embed(ask(), key);
    const path = first.headers.get("location") ?? "";
    const removed = await call(path, { method: "DELETE" });
    expect([removed.status, await removed.text()]).toEqual([204, ""]);
    expect((await call(path)).status).toBe(404);
    expect((await app.embed(ask(), key)).status).toBe(200);
  });

  it("is not there for another tenant, just as one that never was", async () => {
    const { id } = await created(ask());
    await end(id);
    const key = await addTenant("curious");
    const paths = [
      ["GET", ""],
      ["DELETE", ""],
      ["GET", "/output"],
      ["POST", "/cancel"],
      ["POST", "/retry"],
    ] as const;
    for (const [method, path] of paths) {
      for (const other of [id, `job_${"A".repeat(43)}`, "job_x", "%00"]) {
        const response = await call(`/v1/jobs/${other}${path}`, { method, key });
        const { code, message } = await readError(response);
        expect([response.status, code, message]).toEqual([404, "not_found", "There is no such job."]);
      }
    }
    expect((await end(id)).status).toBe("succeeded");
  });

  it("is for those with a key, and by the methods it has", async () => {
    const path = `/v1/jobs/job_${"A".repeat(43)}`;
    expect((await call(path, { key: "hr_test_nobody" })).status).toBe(401);
    const put = await call(path, { method: "PUT" });
    expect([put.status, put.headers.get("allow")]).toEqual([405, "GET, HEAD, DELETE"]);
  });
});

describe("a queue's message", () => {
  it("that cannot be read is logged, and the other messages' jobs are run", async () => {
    const { JOB_QUEUE: queue } = await app.gateway.bindings<{
      JOB_QUEUE: { send(body: unknown): Promise<unknown> };
    }>();
    const unreadable = fresh();
    const unknown = { v: 1, job: `job_${"A".repeat(43)}` };
    const sent = [{ unreadable }, unknown, "text", null].map((body) => queue.send(body));
    const { id } = await created(ask());
    await Promise.all(sent);
    expect((await end(id)).status).toBe("succeeded");
    const about = () =>
      app.gateway.logs().filter(({ message }) => message.includes("job_message_unreadable"));
    await expect.poll(about).toHaveLength(4);
    expect(about().some(({ message }) => message.includes(unreadable))).toBe(true);
  });
});

describe("a synchronous request without these headers", () => {
  it("is no job", async () => {
    const response = await app.embed(ask(), { prefer: "wait=5" });
    expect([response.status, response.headers.get("location")]).toEqual([200, null]);
    expect((await app.primary.requests())[0]?.headers["idempotency-key"]).toBeUndefined();
  });
});
