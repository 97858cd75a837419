import { beforeAll, describe, expect, it } from "vitest";
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import { openRequest } from "../../helpers/open-request.ts";
import type { ReceivedRequest } from "../../helpers/fake-provider-client.ts";
import { API_KEY, readError, useDeployment } from "../deployment.ts";

/**
 * One process is killed with jobs of every kind under way; what comes after has only what it stored. The
 * queue's messages die with it. Nobody asks for a job before each has been run: their alarms must do.
 */
const app = useDeployment();
const authorization = `Bearer ${API_KEY}`;
const MODELS: Readonly<Record<string, string>> = { unrepeated: "embed-unrepeated" };
const BURST = Array.from({ length: 40 }, (_, index) => `burst ${index}.`);

const ask = (name: string) => ({ model: MODELS[name] ?? "embed-uncached", input: `killed: ${name}` });
const keyOf = (name: string) => ({ "idempotency-key": name });
const isAbout = (name: string) => (request: ReceivedRequest) =>
  (request.body as { input?: unknown }).input === `killed: ${name}`;
/** Asks under the key and waits, as a synchronous caller does. */
const wait = (name: string) => app.embed(ask(name), keyOf(name));
/** Sends a request whose client still waits when the process is killed. */
const hold = (name: string) =>
  openRequest(`${app.gateway.url}/v1/embeddings`, ask(name), { authorization, ...keyOf(name) });

async function submit(name: string): Promise<JobDocument> {
  const response = await app.embed(ask(name), { ...keyOf(name), prefer: "respond-async" });
  expect(response.status).toBe(202);
  return (await response.json()) as JobDocument;
}

async function see(id: string): Promise<JobDocument> {
  const headers = { authorization, prefer: "wait=50" };
  const response = await fetch(`${app.gateway.url}/v1/jobs/${id}`, { headers });
  return (await response.json()) as JobDocument;
}

const errorsOf = (job: JobDocument | undefined) => job?.attempts.map(({ error }) => error);

describe("of the jobs that a killed process had accepted,", () => {
  const jobs = new Map<string, JobDocument>();
  const calls = new Map<string, readonly ReceivedRequest[]>();
  const countCalls = (name: string) => calls.get(name)?.length;
  let answered = "";

  beforeAll(async () => {
    answered = await (await wait("ended")).text();
    for (const name of ["running", "unrepeated", "canceling", "awaited"]) {
      await app.primary.fault({ kind: "hang" }, { times: 1, match: { promptIncludes: `killed: ${name}` } });
    }
    const slow = { kind: "status", status: 429, headers: { "retry-after": "3" } } as const;
    await app.primary.fault(slow, { times: 1, match: { promptIncludes: "killed: retrying" } });
    for (const name of ["unrepeated", "canceling", "awaited", "retrying"]) hold(name);
    await app.primary.waitForRequests(5);
    await submit("running");
    await app.primary.waitForRequests(1, { filter: isAbout("running") });
    const accepted = new Map<string, string>();
    for (const name of ["unrepeated", "canceling", "awaited", "retrying", "running"]) {
      accepted.set(name, (await submit(name)).id);
    }
    const cancel = `${app.gateway.url}/v1/jobs/${accepted.get("canceling")}/cancel`;
    expect((await fetch(cancel, { method: "POST", headers: { authorization } })).status).toBe(202);
    await Promise.all(BURST.map(async (name) => accepted.set(name, (await submit(name)).id)));
    await app.restart();

    for (const name of ["running", "awaited", "retrying"]) {
      await app.primary.waitForRequests(2, { filter: isAbout(name), timeoutMs: 100_000 });
    }
    await Promise.all([...accepted].map(async ([name, id]) => jobs.set(name, await see(id))));
    for (const name of [...accepted.keys(), "ended"]) {
      calls.set(name, await app.primary.requests(isAbout(name)));
    }
    // A lease that was extended before the kill lasts a minute.
  }, 240_000);

  it("one that ran is run again when its lease is over, under the same key at the provider", () => {
    const job = jobs.get("running");
    expect([job?.status, errorsOf(job)]).toEqual(["succeeded", ["lease_expired", null]]);
    const keys = calls.get("running")?.map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toEqual([job?.id, job?.id]);
  });

  it("one that ran on a route that never repeats has failed, its outcome unknown, and was called once", async () => {
    const job = jobs.get("unrepeated");
    expect([job?.status, job?.error?.code, countCalls("unrepeated")]).toEqual([
      "failed",
      "outcome_unknown",
      1,
    ]);
    const told = await wait("unrepeated");
    expect([told.status, (await readError(told)).code]).toEqual([502, "upstream_error"]);
    expect(await app.primary.requests()).toEqual([]);
  });

  it("one that a client waited for is found by its key, and answered", async () => {
    expect(errorsOf(jobs.get("awaited"))).toEqual(["lease_expired", null]);
    const answer = await wait("awaited");
    expect([answer.status, answer.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
    expect(await answer.json()).toEqual(jobs.get("awaited")?.output);
    expect(countCalls("awaited")).toBe(2);
  });

  it("one that was being canceled is canceled, and no call is made again", () => {
    const job = jobs.get("canceling");
    expect([job?.status, errorsOf(job), countCalls("canceling")]).toEqual(["canceled", ["lease_expired"], 1]);
  });

  it("one that waited for its next attempt gets it", () => {
    const job = jobs.get("retrying");
    expect([job?.status, errorsOf(job)]).toEqual(["succeeded", ["rate_limited", null]]);
  });

  it("those whose messages were lost are all run, each once", () => {
    const statuses = BURST.map((name) => `${jobs.get(name)?.status} ${countCalls(name)}`);
    expect(new Set(statuses)).toEqual(new Set(["succeeded 1"]));
  });

  it("one that had ended answers the same, byte for byte, and no provider is called", async () => {
    const answer = await wait("ended");
    expect([answer.status, answer.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
    expect(await answer.text()).toBe(answered);
    expect(countCalls("ended")).toBe(1);
    expect(await app.primary.requests()).toEqual([]);
  });
});
