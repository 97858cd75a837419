import { createHash } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { describe, expect, it, vi } from "vitest";
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import type { WebhookPayload, WebhookSecretList } from "../../../worker/contract/webhooks.ts";
import type { ReceivedRequest } from "../../helpers/fake-provider-client.ts";
import { API_KEY, readError, useDeployment } from "../deployment.ts";

/** In the midst of a rotation. The secondary provider, whom no route here asks, is the receiver. */
const app = useDeployment({
  vars: { HEADRACE_WEBHOOK_SECRET: "n".repeat(40), HEADRACE_WEBHOOK_SECRET_OLD: "o".repeat(40) },
});
/** The schedule's first wait is some five seconds. */
const PATIENCE = { timeoutMs: 30_000 };
let serial = 0;
const unique = () => `${process.hrtime.bigint()}-${serial++}`;
const hook = (query = unique()) => `${app.secondary.url}/hooks?${query}`;

const submit = (webhook: object, more: object = {}) =>
  app.post("/v1/jobs", { task: "embeddings", input: { model: "words", input: "a mill" }, webhook, ...more });

/** The id of a job that is accepted, with a webhook. */
async function start(webhook: object, more: object = {}): Promise<string> {
  const response = await submit(webhook, more);
  expect(response.status).toBe(202);
  return ((await response.json()) as JobDocument).id;
}

async function read(id: string, waitSeconds = 0): Promise<JobDocument> {
  const headers = { authorization: `Bearer ${API_KEY}`, prefer: `wait=${waitSeconds}` };
  const response = await fetch(`${app.gateway.url}/v1/jobs/${id}`, { headers });
  return (await response.json()) as JobDocument;
}

const payloadOf = ({ body }: ReceivedRequest) => body as WebhookPayload;
const about = (id: string) => (request: ReceivedRequest) => payloadOf(request).data?.id === id;
const deliveries = (id: string, count = 1) =>
  app.secondary.waitForRequests(count, { ...PATIENCE, filter: about(id) });

async function readSecrets(key = API_KEY): Promise<readonly string[]> {
  const response = await fetch(`${app.gateway.url}/v1/webhook-secrets`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect([response.status, response.headers.get("cache-control")]).toEqual([200, "no-store"]);
  const { data } = (await response.json()) as WebhookSecretList;
  return data.map(({ secret }) => secret);
}

/** Throws where the signature does not hold; the text is what was signed, or no signature would. */
const verify = ({ headers, body }: ReceivedRequest, secret: string) =>
  new Webhook(secret).verify(JSON.stringify(body), headers as Record<string, string>);

/** What the Worker noted of a job's deliveries, once there are as many. */
const notes = (id: string, count = 1) =>
  vi.waitFor(() => {
    const lines = app.gateway.logs().flatMap(({ message }) => {
      const line = (message.startsWith("{") ? JSON.parse(message) : {}) as Record<string, unknown>;
      return line["event"] === "webhook" && line["job"] === id ? [line] : [];
    });
    expect(lines.length).toBeGreaterThanOrEqual(count);
    return lines;
  }, PATIENCE.timeoutMs);

describe("a job's webhook", () => {
  it("is told of the job's end once, signed, and without the output", async () => {
    const id = await start({ url: hook() }, { metadata: { user: "42" } });
    const [delivery] = await deliveries(id);
    if (!delivery) throw new Error("nothing was delivered");
    const [secret = ""] = await readSecrets();
    expect(verify(delivery, secret)).toEqual({
      type: "job.succeeded",
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: {
        id,
        status: "succeeded",
        task: "embeddings",
        model: "words",
        metadata: { user: "42" },
        created_at: expect.any(String),
        ended_at: expect.any(String),
        error: null,
      },
    });
    expect(delivery.headers["content-type"]).toBe("application/json");
    expect(delivery.headers["authorization"]).toBeUndefined();
    expect(await notes(id)).toMatchObject([{ kind: "delivered", attempt: 1, why: "status 200" }]);
    expect(await app.secondary.requests(about(id))).toHaveLength(1);
  });

  it("is signed by the new and by the old secret while one rotates", async () => {
    const id = await start({ url: hook() });
    const [delivery] = await deliveries(id);
    if (!delivery) throw new Error("nothing was delivered");
    const secrets = await readSecrets();
    expect(secrets).toHaveLength(2);
    expect(String(delivery.headers["webhook-signature"])).toMatch(/^v1,\S+ v1,\S+$/);
    for (const secret of secrets) expect(verify(delivery, secret)).toMatchObject({ data: { id } });
    expect(() => verify(delivery, "whsec_bm90IHRoaXMgb25l")).toThrow("No matching signature");
  });

  it("is told again after a failure, under the same id and with a signature of its own", async () => {
    await app.secondary.fault({ kind: "status", status: 500 }, { times: 1 });
    const id = await start({ url: hook() });
    const [first, second] = await deliveries(id, 2);
    if (!first || !second) throw new Error("it was not told twice");
    expect(second.headers["webhook-id"]).toBe(first.headers["webhook-id"]);
    expect(second.body).toEqual(first.body);
    expect(second.at - first.at).toBeGreaterThanOrEqual(3500);
    const [secret = ""] = await readSecrets();
    for (const delivery of [first, second]) expect(verify(delivery, secret)).toMatchObject({ data: { id } });
    const [before, after] = [first, second].map(({ headers }) => Number(headers["webhook-timestamp"]));
    expect(after).toBeGreaterThan(before ?? NaN);
    expect(await notes(id, 2)).toMatchObject([{ kind: "failed" }, { kind: "delivered", attempt: 2 }]);
  });

  it("does not hold up others by not answering", async () => {
    await app.secondary.fault({ kind: "hang" }, { match: { promptIncludes: "never answers" } });
    const slow = { metadata: { receiver: "never answers" } };
    const ids = await Promise.all(Array.from({ length: 12 }, () => start({ url: hook() }, slow)));
    await deliveries(ids[0] ?? "");
    const quick = await start({ url: hook() });
    await app.secondary.waitForRequests(1, { timeoutMs: 12_000, filter: about(quick) });
    const headers = { authorization: `Bearer ${API_KEY}` };
    const remove = (id: string) => fetch(`${app.gateway.url}/v1/jobs/${id}`, { method: "DELETE", headers });
    await Promise.all(ids.map(remove));
  });

  it("is not looked for where a redirect leads", async () => {
    const location = `${app.secondary.url}/elsewhere`;
    await app.secondary.fault({ kind: "redirect", location }, { times: 1 });
    const id = await start({ url: hook() });
    const [first, second] = await deliveries(id, 2);
    expect([first?.path, second?.path]).toEqual(["/hooks", "/hooks"]);
    expect(await app.secondary.requests(({ path }) => path === "/elsewhere")).toEqual([]);
  });

  it("is left alone for a day once it has said 410, and others are not", async () => {
    const url = hook();
    await app.secondary.fault({ kind: "status", status: 410 }, { times: 1 });
    const first = await start({ url });
    expect(await notes(first)).toMatchObject([{ kind: "disabled", why: "status 410" }]);
    const second = await start({ url });
    expect(await notes(second)).toMatchObject([{ kind: "disabled" }]);
    expect(await app.secondary.requests(about(second))).toEqual([]);
    await deliveries(await start({ url: hook() }));
    expect(await app.secondary.requests(about(first))).toHaveLength(1);
    const { keys } = await app.kv.list({ prefix: "webhook-gone:" });
    const key = `webhook-gone:${createHash("sha256").update(`default\n${url}`).digest("hex")}`;
    expect(keys).toEqual([expect.objectContaining({ name: key, expiration: expect.any(Number) })]);
  });

  it("is told only of the ends that it asked for", async () => {
    await app.primary.fault({ kind: "status", status: 422 });
    const url = hook();
    const silent = await start({ url, events: ["job.failed", "job.canceled"] });
    const input = { model: "embed-uncached", input: unique() };
    const failed = await start({ url, events: ["job.failed"] }, { input });
    const [delivery] = await deliveries(failed);
    expect(delivery && payloadOf(delivery)).toMatchObject({
      type: "job.failed",
      data: { status: "failed", error: "model_input_invalid" },
    });
    expect(await read(silent, 30)).toMatchObject({ status: "succeeded" });
    await deliveries(await start({ url }));
    expect(await app.secondary.requests(about(silent))).toEqual([]);
  });

  it("is told that its job was canceled", async () => {
    await app.primary.fault({ kind: "status", status: 429, headers: { "retry-after": "60" } });
    const id = await start({ url: hook() }, { input: { model: "embed-uncached", input: unique() } });
    await vi.waitFor(async () => expect(await read(id)).toMatchObject({ progress: { phase: "retrying" } }));
    await app.post(`/v1/jobs/${id}/cancel`, {});
    const [delivery] = await deliveries(id);
    const canceled = { type: "job.canceled", data: { status: "canceled" } };
    expect(delivery && payloadOf(delivery)).toMatchObject(canceled);
  });

  it("is told of a job's retry as of the job", async () => {
    const id = await start({ url: hook() });
    await deliveries(id);
    const response = await app.post(`/v1/jobs/${id}/retry`, {});
    const retried = ((await response.json()) as JobDocument).id;
    const [delivery] = await deliveries(retried);
    expect(delivery?.headers["webhook-id"]).toContain(retried.slice(4));
  });
});

describe("GET /v1/webhook-secrets", () => {
  it("gives each tenant its own", async () => {
    const key = `hr_test_${"w".repeat(32)}`;
    const record = { tenant: "another", name: "another", createdAt: "2026-11-22T00:00:00Z" };
    await app.kv.put(`key:${createHash("sha256").update(key).digest("hex")}`, JSON.stringify(record));
    const all = [...(await readSecrets()), ...(await readSecrets(key))];
    expect(new Set(all).size).toBe(4);
    expect(await readSecrets()).toEqual(all.slice(0, 2));
  });

  it("gives nobody without a key any, and takes no other method", async () => {
    const anonymous = await fetch(`${app.gateway.url}/v1/webhook-secrets`);
    expect([anonymous.status, (await readError(anonymous)).code]).toEqual([401, "unauthenticated"]);
    const posted = await app.post("/v1/webhook-secrets", {});
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});

describe("a webhook that cannot be", () => {
  it.each([
    ["no URL", { url: "hooks" }, "webhook.url"],
    ["a URL that is too long", { url: `https://app.example/${"a".repeat(2048)}` }, "webhook.url"],
    ["an address of a cloud's own", { url: "http://169.254.169.254/" }, "webhook.url"],
    ["an event nobody knows", { url: "https://app.example/", events: ["job.dreamt"] }, "webhook.events[0]"],
    ["no events at all", { url: "https://app.example/", events: [] }, "webhook.events"],
    ["a field nobody knows", { url: "https://app.example/", secret: "x" }, "webhook"],
  ])("is refused: %s", async (_, webhook, param) => {
    const response = await submit(webhook);
    expect([response.status, (await readError(response)).param]).toEqual([400, param]);
  });
});

describe("the product as it ships", () => {
  const product = useDeployment({ build: "product" });
  const ask = (url: string) =>
    product.post("/v1/jobs", { task: "embeddings", input: { model: "embed", input: "x" }, webhook: { url } });

  it.each([
    "http://app.example/hooks",
    "https://user:word@app.example/",
    "https://localhost/",
    "https://LocalHost:8787/",
    "https://localhost./",
    "https://app.localhost/",
    "https://printer.local/",
    "https://db.internal/",
    "https://nas.home.arpa/",
    "https://intranet/",
    "https://app.example./",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.0.0.1./",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://0x7f.0.0x1/",
    "https://%31%32%37.0.0.1/",
    "https://10.0.0.1/",
    "https://0x0a000001/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/",
    "https://0.0.0.0/",
    "https://0/",
    "https://[::]/",
    "https://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::10.0.0.1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:808:808:8000:63bf:80ff:fffe]/",
    "https://[fe80::1]/",
    "https://[fd12:3456::1]/",
  ])("does not call %s", async (url) => {
    const response = await ask(url);
    const { code, param, message } = await readError(response);
    expect([response.status, code, param]).toEqual([400, "invalid_request", "webhook.url"]);
    expect(message).toMatch(/^webhook\.url: /);
  });

  it("says which secret to set where none is", async () => {
    const response = await ask("https://app.example/hooks");
    const { code, message, retryable } = await readError(response);
    expect([response.status, code, retryable]).toEqual([503, "not_configured", false]);
    expect(message).toContain("HEADRACE_WEBHOOK_SECRET");
    const secrets = await fetch(`${product.gateway.url}/v1/webhook-secrets`, {
      headers: { authorization: `Bearer ${API_KEY}` },
    });
    expect((await readError(secrets)).message).toBe(message);
  });
});
