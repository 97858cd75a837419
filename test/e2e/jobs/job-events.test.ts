import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { JobEvent } from "../../../worker/contract/jobs/job-event.ts";
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import { openRequest } from "../../helpers/open-request.ts";
import { API_KEY, readError, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
let serial = 0;
const fresh = () => `event ${process.hrtime.bigint()} ${serial++}`;
const freshKey = () => ({ "idempotency-key": fresh().replaceAll(" ", "-") });
const call = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(app.gateway.url + path, { method, headers: { authorization: `Bearer ${API_KEY}`, ...headers } });
const follow = (id: string, headers: Record<string, string> = {}) => call(`/v1/jobs/${id}/events`, headers);

/** A chat of ten words, so some fifteen chunks. */
const WORDS = "a mill grinds slowly but it grinds exceedingly fine flour";
const chat = (more: object = {}) => ({
  model: "uncached",
  messages: says(`${WORDS} ${fresh()}`),
  stream: true,
  ...more,
});

async function create(task: string, input: object): Promise<string> {
  const response = await app.post("/v1/jobs", { task, input });
  expect(response.status).toBe(202);
  return ((await response.json()) as JobDocument).id;
}

/** Reads an event stream as it comes, to its end or to what `until` says. */
async function readEvents(
  response: Response,
  until: (event: JobEvent) => boolean = () => false,
): Promise<JobEvent[]> {
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const events: JobEvent[] = [];
  let text = "";
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const found = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block);
      if (!found) {
        expect(block).toMatch(/^(retry: 1000|: heartbeat)$/);
        continue;
      }
      const event = JSON.parse(found[3] ?? "") as JobEvent;
      expect([found[1], found[2]]).toEqual([event.id, event.type]);
      events.push(event);
      if (until(event)) return events;
    }
  }
  return events;
}

const typesOf = (events: readonly JobEvent[]) => events.map(({ type }) => type);
const outputsOf = (events: readonly JobEvent[]) =>
  events.filter(({ type }) => type === "job.output").map(({ output }) => output);
const chunksOf = (stream: string) =>
  stream
    .split("\n\n")
    .filter((event) => event.startsWith("data: {"))
    .map((event) => JSON.parse(event.slice(6)) as unknown);

async function openSocket(path: string, protocols: string[] = [], headers: Record<string, string> = {}) {
  const url = `${app.gateway.url.replace("http", "ws")}/v1/jobs/${path}`;
  const socket = new WebSocket(url, { protocols, headers } as never);
  const events: JobEvent[] = [];
  const pongs: string[] = [];
  const opened = Promise.withResolvers<boolean>();
  const closed = Promise.withResolvers<number>();
  socket.addEventListener("open", () => opened.resolve(true));
  socket.addEventListener("error", () => opened.resolve(false));
  socket.addEventListener("close", ({ code }) => closed.resolve(code));
  socket.addEventListener("message", ({ data }) => {
    if (data === "pong") pongs.push(String(data));
    else events.push(JSON.parse(String(data)) as JobEvent);
  });
  return { socket, events, pongs, opened: await opened.promise, closed: closed.promise };
}

describe("GET /v1/jobs/{id}/events", () => {
  it("tells a job's life from its queueing to its end, as it happens", async () => {
    await app.primary.fault({ gate: true });
    const id = await create("embeddings", { model: "embed-uncached", input: fresh() });
    const response = await follow(id);
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(response.headers.get("x-request-id")).not.toBeNull();
    const events = readEvents(response);
    await app.primary.waitForRequests(1);
    await app.primary.release();
    expect(await events).toEqual([
      { id: "1-0", type: "job.queued", job: id, at: expect.any(String) },
      { id: "2-0", type: "job.started", job: id, at: expect.any(String), run: 1 },
      { id: "3-0", type: "job.succeeded", job: id, at: expect.any(String) },
    ]);
    const again = await follow(id, { "last-event-id": "3-0" });
    expect([again.status, await again.text()]).toEqual([204, ""]);
    expect(await readEvents(await follow(id, { "last-event-id": "1-0" }))).toHaveLength(2);
    expect(await readEvents(await call(`/v1/jobs/${id}/events?after=2-0`))).toHaveLength(1);
    const document = (await (await call(`/v1/jobs/${id}`)).json()) as JobDocument;
    expect(document.urls.events).toBe(`/v1/jobs/${id}/events`);
  });

  it("tells of retries, failures and their reasons", async () => {
    await app.primary.fault({ kind: "status", status: 503 }, { times: 1 });
    await app.primary.fault({ kind: "status", status: 422 });
    const id = await create("embeddings", { model: "embed-uncached", input: fresh() });
    const events = await readEvents(await follow(id));
    expect(events.map(({ type, run, error }) => [type, run ?? error])).toEqual([
      ["job.queued", undefined],
      ["job.started", 1],
      ["job.retrying", "upstream_error"],
      ["job.started", 2],
      ["job.failed", "model_input_invalid"],
    ]);
    expect(Date.parse(events[2]?.retry_at ?? "")).not.toBeNaN();
  });

  it("is no page for others: another tenant's job is not there, as one that never was", async () => {
    const id = await create("embeddings", { model: "words", input: fresh() });
    const key = `hr_test_${createHash("sha256").update("events").digest("hex").slice(0, 32)}`;
    const record = { tenant: "curious", name: "another", createdAt: "2026-11-22T00:00:00Z" };
    await app.kv.put(`key:${createHash("sha256").update(key).digest("hex")}`, JSON.stringify(record));
    for (const other of [id, `job_${"A".repeat(43)}`, "job_x"]) {
      const response = await follow(other, { authorization: `Bearer ${key}` });
      const { code, message } = await readError(response);
      expect([response.status, code, message]).toEqual([404, "not_found", "There is no such job."]);
      expect((await openSocket(`${other}/events`, ["headrace.v1", `bearer.${key}`])).opened).toBe(false);
    }
    expect((await follow(id, { authorization: "Bearer hr_test_nobody" })).status).toBe(401);
    expect((await openSocket(`${id}/events`, ["headrace.v1", "bearer.hr_test_nobody"])).opened).toBe(false);
    expect((await openSocket(`${id}/events`, ["headrace.v1"])).opened).toBe(false);
  });

  it.each(["x", "2", "02-0", "1-0-0"])("refuses %j as the id of an event", async (last) => {
    const id = await create("embeddings", { model: "words", input: fresh() });
    for (const [response, param] of [
      [await follow(id, { "last-event-id": last }), "Last-Event-ID"],
      [await call(`/v1/jobs/${id}/events?after=${last}`), "after"],
    ] as const) {
      const error = await readError(response);
      expect([response.status, error.code, error.param]).toEqual([400, "invalid_request", param]);
    }
  });

  it("takes GET alone", async () => {
    const response = await call(`/v1/jobs/job_${"A".repeat(43)}/events`, {}, "POST");
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});

describe("a streamed job", () => {
  it("shows its answer as it comes, to all who watch and who come late the same, and keeps it", async () => {
    await app.primary.fault({ eventDelayMs: 100 });
    const id = await create("chat", chat());
    const early = readEvents(await follow(id));
    // In the middle of the answer: the first chunks are history by then.
    await readEvents(await follow(id), (event) => event.id === "2-4");
    const late = readEvents(await follow(id));
    const [one, two] = await Promise.all([early, late]);
    expect(typesOf(one).filter((type) => type !== "job.output")).toEqual([
      "job.queued",
      "job.started",
      "job.succeeded",
    ]);
    expect(two).toEqual(one);
    const after = await readEvents(await follow(id));
    expect(after).toEqual(one);

    const output = await call(`/v1/jobs/${id}/output`);
    expect(output.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const text = await output.text();
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(chunksOf(text)).toEqual(outputsOf(one));
    const job = (await (await call(`/v1/jobs/${id}`)).json()) as JobDocument;
    expect(job).toMatchObject({ status: "succeeded", output: null, attempts: [{ n: 1, status: 200 }] });
    expect(job.usage?.total_tokens).toBeGreaterThan(0);
    expect(job.cost_usd).toBeGreaterThan(0);
  });

  it("goes on after a cut with exactly the rest", async () => {
    await app.primary.fault({ eventDelayMs: 60 });
    const id = await create("chat", chat());
    const events: JobEvent[] = [];
    // Each connection is left after three events, the way a bad network would.
    for (let last = "0-0"; events.at(-1)?.type !== "job.succeeded"; last = events.at(-1)?.id ?? last) {
      let seen = 0;
      events.push(...(await readEvents(await follow(id, { "last-event-id": last }), () => ++seen === 3)));
    }
    const whole = await readEvents(await follow(id));
    expect(events).toEqual(whole);
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
  });

  it("begins its output anew after a stream that broke", async () => {
    await app.primary.fault({ kind: "cut", after: 3, eventDelayMs: 60 }, { times: 1 });
    const id = await create("chat", chat());
    const events = await readEvents(await follow(id));
    const retried = typesOf(events).indexOf("job.retrying");
    expect(outputsOf(events.slice(0, retried)).length).toBeLessThanOrEqual(3);
    expect(events[retried]?.error).toBe("upstream_invalid_response");
    expect(events[retried + 1]).toMatchObject({ id: "4-0", type: "job.started", run: 2 });
    const text = await (await call(`/v1/jobs/${id}/output`)).text();
    expect(outputsOf(events.slice(retried))).toEqual(chunksOf(text));
    expect((await readEvents(await follow(id))).map((event) => event.id)).toEqual([
      "1-0",
      "2-0",
      "3-0",
      ...events.slice(retried + 1).map((event) => event.id),
    ]);
  });

  it("shows what was used only to those who asked for it", async () => {
    const include = { stream_options: { include_usage: true } };
    const [hidden, shown] = await Promise.all([create("chat", chat()), create("chat", chat(include))]);
    const usages = async (id: string) =>
      outputsOf(await readEvents(await follow(id))).filter((chunk) => (chunk as { usage?: unknown }).usage);
    expect(await usages(hidden)).toHaveLength(0);
    expect(await usages(shown)).toHaveLength(1);
  });

  it("streams again when it is retried, and when its client waits for it", async () => {
    const input = chat();
    const waited = await app.post("/v1/jobs", { task: "chat", input }, { prefer: "wait=30" });
    const first = (await waited.json()) as JobDocument;
    expect([waited.status, first.status, first.output]).toEqual([200, "succeeded", null]);
    const retried = await call(`/v1/jobs/${first.id}/retry`, {}, "POST");
    const { id } = (await retried.json()) as JobDocument;
    const outputs = await Promise.all(
      [first.id, id].map(async (one) => outputsOf(await readEvents(await follow(one)))),
    );
    expect(outputs[1]).toEqual(outputs[0]);
    expect(outputs[0]?.length).toBeGreaterThan(10);
  });

  it("stops soon after it is canceled", async () => {
    await app.primary.fault({ kind: "slow-loris", intervalMs: 2 });
    const id = await create("chat", chat());
    const events = await readEvents(await follow(id), ({ type }) => type === "job.output");
    await call(`/v1/jobs/${id}/cancel`, {}, "POST");
    const rest = await readEvents(await follow(id, { "last-event-id": events.at(-1)?.id ?? "" }));
    expect(typesOf(rest).filter((type) => type !== "job.output")).toEqual(["job.canceling", "job.canceled"]);
    await app.primary.waitUntilAborted(1);
  });

  it("is refused where its task has no streams", async () => {
    const input = { model: "embed", input: "x", stream: true };
    const response = await app.post("/v1/jobs", { task: "embeddings", input });
    expect((await readError(response)).param).toBe("input.stream");
    const keyed = await app.embed(input, freshKey());
    expect([keyed.status, (await readError(keyed)).param]).toEqual([400, "stream"]);
  });
});

describe("a WebSocket", () => {
  it("gets the same, by a key in its protocols or in Authorization", async () => {
    await app.primary.fault({ eventDelayMs: 50 });
    const id = await create("chat", chat());
    const one = await openSocket(`${id}/events`, ["headrace.v1", `bearer.${API_KEY}`]);
    const two = await openSocket(`${id}/events`, [], { authorization: `Bearer ${API_KEY}` });
    expect([one.opened, one.socket.protocol]).toEqual([true, "headrace.v1"]);
    expect([two.opened, two.socket.protocol]).toEqual([true, ""]);
    one.socket.send("ping");
    const events = await readEvents(await follow(id));
    // The end of the connection is awaited elsewhere: here it comes when the object hibernates.
    await expect.poll(() => [one.events, two.events]).toEqual([events, events]);
    expect(one.pongs).toEqual(["pong"]);
    expect([one.socket.readyState, two.socket.readyState]).not.toContain(WebSocket.OPEN);
  });

  it("is closed at once where there is nothing more to tell", async () => {
    const id = await create("embeddings", { model: "words", input: fresh() });
    await readEvents(await follow(id));
    const late = await openSocket(`${id}/events?after=3-0`, ["headrace.v1", `bearer.${API_KEY}`]);
    expect([late.opened, await late.closed, late.events]).toEqual([true, 1000, []]);
  });
});

describe("a stream with an Idempotency-Key", () => {
  it("comes to its first caller as any stream does, and to repeats the same again", async () => {
    const key = freshKey();
    const body = chat();
    const first = await app.chat(body, key);
    expect(first.status).toBe(200);
    expect(first.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(first.headers.get("x-headrace-target")).toBe("targets[0]=primary/big");
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    const location = first.headers.get("location") ?? "";
    const text = await first.text();
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    await expect
      .poll(async () => ((await (await call(location)).json()) as JobDocument).status)
      .toBe("succeeded");
    const again = await app.chat(body, key);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.headers.get("location")).toBe(location);
    expect(await again.text()).toBe(text);
    expect(await (await call(`${location}/output`)).text()).toBe(text);
    expect(await app.primary.requests()).toHaveLength(1);
  });

  it("comes to those who ask meanwhile from its start, and is asked of the provider once", async () => {
    await app.primary.fault({ eventDelayMs: 60 });
    const key = freshKey();
    const body = chat();
    const responses = await Promise.all(Array.from({ length: 8 }, () => app.chat(body, key)));
    const late = await app.chat(body, key);
    const texts = await Promise.all([...responses, late].map((response) => response.text()));
    expect(responses.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(new Set(texts).size).toBe(1);
    expect(chunksOf(texts[0] ?? "").length).toBeGreaterThan(10);
    expect(await app.primary.requests()).toHaveLength(1);
  });

  it("comes as it is made: its first caller and those who join read while the provider still writes", async () => {
    await app.primary.fault({ eventDelayMs: 150 });
    const key = freshKey();
    const body = chat();
    const headers = { authorization: `Bearer ${API_KEY}`, ...key };
    const first = openRequest(`${app.gateway.url}/v1/chat/completions`, body, headers);
    await first.waitForText("mill");
    const second = openRequest(`${app.gateway.url}/v1/chat/completions`, body, headers);
    expect(await second.waitForText("mill")).not.toContain("[DONE]");
    expect(await second.waitForText("[DONE]")).toBe(await first.waitForText("[DONE]"));
  });

  it("ends for each at its own deadline, with an error event that says so, and is recorded all the same", async () => {
    await app.primary.fault({ eventDelayMs: 300 });
    const key = freshKey();
    const body = chat();
    const hasty = { ...key, "x-headrace-timeout-ms": "1800" };
    const first = await app.chat(body, hasty);
    const [joined, patient] = await Promise.all([app.chat(body, hasty), app.chat(body, key)]);
    const texts = await Promise.all([first, joined, patient].map((response) => response.text()));
    for (const text of texts.slice(0, 2)) {
      expect(text).toContain("chat.completion.chunk");
      expect(text).toContain('"code":"deadline_exceeded"');
      expect(text).not.toContain("[DONE]");
    }
    expect(texts[2]?.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(await (await app.chat(body, key)).text()).toBe(texts[2]);
    expect(await app.primary.requests()).toHaveLength(1);
  });

  it.each(["/v1/responses", "/v1/messages"])("is the same to all at %s", async (path) => {
    await app.primary.fault({ eventDelayMs: 40 });
    const text = `${WORDS} ${fresh()}`;
    const asked = path === "/v1/responses" ? { input: text } : { messages: says(text), max_tokens: 500 };
    const body = { model: "uncached", stream: true, ...asked };
    const key = freshKey();
    const responses = await Promise.all([app.post(path, body, key), app.post(path, body, key)]);
    const texts = await Promise.all(responses.map((response) => response.text()));
    const after = await (await app.post(path, body, key)).text();
    expect(texts).toEqual([after, after]);
    expect(after).toContain("flour");
    expect(await app.primary.requests()).toHaveLength(1);
  });

  it("waits for the queue where the first try fails before it begins", async () => {
    await app.primary.fault({ kind: "status", status: 503 }, { times: 1 });
    await app.primary.fault({ eventDelayMs: 30 });
    const response = await app.chat(chat(), freshKey());
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    const output = await call(`${response.headers.get("location")}/output`);
    expect(await output.text()).toBe(text);
  });

  it("breaks where the run breaks for those who read it, and is whole for a later repeat", async () => {
    await app.primary.fault({ kind: "cut", after: 4 }, { times: 1 });
    const key = freshKey();
    const body = chat();
    const broken = await (await app.chat(body, key)).text();
    expect(broken).toContain('"code":"upstream_invalid_response"');
    expect(broken).not.toContain("[DONE]");
    const whole = await (await app.chat(body, key)).text();
    expect(whole.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(whole).not.toContain("error");
  });

  it("is refused where the provider refuses it, to all alike", async () => {
    await app.primary.fault({ kind: "status", status: 422 });
    const key = freshKey();
    const body = chat();
    for (const response of [await app.chat(body, key), await app.chat(body, key)]) {
      expect([response.status, (await readError(response)).code]).toEqual([422, "fault_422"]);
    }
    expect(await app.primary.requests()).toHaveLength(1);
  });

  it("goes on when its caller leaves", async () => {
    await app.primary.fault({ eventDelayMs: 100 });
    const key = freshKey();
    const body = chat();
    const left = openRequest(`${app.gateway.url}/v1/chat/completions`, body, {
      authorization: `Bearer ${API_KEY}`,
      ...key,
    });
    await left.waitForText("mill");
    left.leave();
    const text = await (await app.chat(body, key)).text();
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(await app.primary.requests()).toHaveLength(1);
  });

  it("is answered with the job at once where the client prefers that", async () => {
    const response = await app.chat(chat(), { prefer: "respond-async" });
    const job = (await response.json()) as JobDocument;
    expect([response.status, job.output]).toEqual([202, null]);
    const events = await readEvents(await follow(job.id));
    expect(outputsOf(events).length).toBeGreaterThan(10);
    const waited = await app.chat(chat(), { prefer: "respond-async, wait=30" });
    expect([waited.status, waited.headers.get("content-type")]).toEqual([
      200,
      "text/event-stream; charset=utf-8",
    ]);
    expect((await waited.text()).endsWith("data: [DONE]\n\n")).toBe(true);
  });
});
