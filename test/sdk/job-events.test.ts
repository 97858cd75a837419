import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { Headrace } from "../../sdk/jobs/index.ts";
import type { Fetch } from "../../sdk/index.ts";
import type { JobEvent } from "../../sdk/jobs/index.ts";
import type { JobEvent as ContractJobEvent } from "../../worker/contract/jobs/job-event.ts";
import { events, jobEvent, json, silence, useLocalServer } from "./local-server.ts";
import type { Handler } from "./local-server.ts";
import { rejectionOf } from "./rejection.ts";

const server = useLocalServer();
const client = (): Headrace => new Headrace({ baseURL: server().url, apiKey: "k" });
const idsOf = async (stream: AsyncIterable<JobEvent>) => (await Array.fromAsync(stream)).map(({ id }) => id);
const asked = (): unknown[] => server().seen.map(({ headers }) => headers["last-event-id"]);

const queued = jobEvent("1-0", "job.queued");
const started = jobEvent("2-0", "job.started", { run: 1 });
const output = (part: number): string => jobEvent(`2-${part}`, "job.output", { output: { part } });
const succeeded = jobEvent("3-0", "job.succeeded");
const over: Handler = (response) => response.writeHead(204).end();

/** Sends these pieces, and breaks the connection off. */
const cut =
  (...pieces: string[]): Handler =>
  (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(pieces.join(""), () => setImmediate(() => response.destroy()));
  };

describe("a job's events", () => {
  it("are typed as the contract has them, each by its type", () => {
    expectTypeOf<JobEvent>().toExtend<ContractJobEvent>();
    expectTypeOf<JobEvent["type"]>().toEqualTypeOf<ContractJobEvent["type"]>();
  });

  it("come as they were sent, and end after the last though the connection does not", async () => {
    server().answer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`retry: 1000\n\n${queued}: heartbeat\n\n${started}${output(1)}${succeeded}`);
    });
    expect(await Array.fromAsync(client().jobs.events("job/1"))).toEqual([
      { id: "1-0", type: "job.queued", job: "job_1" },
      { id: "2-0", type: "job.started", job: "job_1", run: 1 },
      { id: "2-1", type: "job.output", job: "job_1", output: { part: 1 } },
      { id: "3-0", type: "job.succeeded", job: "job_1" },
    ]);
    expect(server().seen[0]).toMatchObject({ method: "GET", path: "/v1/jobs/job%2F1/events" });
  });

  it.each(["succeeded", "failed", "canceled", "expired"])("end after job.%s", async (status) => {
    server().answer(events(jobEvent("4-0", "job.canceling"), jobEvent("5-0", `job.${status}`)));
    expect(await idsOf(client().jobs.events("job_1"))).toEqual(["4-0", "5-0"]);
    expect(server().seen).toHaveLength(1);
  });

  it("are asked for from where the caller left off", async () => {
    server().answer(events(succeeded));
    await idsOf(client().jobs.events("job_1", { after: "2-7" }));
    expect(asked()).toEqual(["2-7"]);
  });

  it("are none where the last is known already", async () => {
    server().answer(over);
    expect(await idsOf(client().jobs.events("job_1", { after: "3-0" }))).toEqual([]);
  });

  it("go on after the last that came, however often the connection ends", async () => {
    server().answer(
      cut(queued),
      cut(started, output(1)),
      events(output(2)),
      cut(output(3)),
      cut(output(4), 'data: {"id":"2-'),
      events(succeeded),
    );
    const ids = await idsOf(client().jobs.events("job_1"));
    expect(ids).toEqual(["1-0", "2-0", "2-1", "2-2", "2-3", "2-4", "3-0"]);
    expect(asked()).toEqual([undefined, "1-0", "2-1", "2-2", "2-3", "2-4"]);
  });

  it("end where the connection broke before the last could be read, and all is told", async () => {
    server().answer(cut(queued), over);
    expect(await idsOf(client().jobs.events("job_1"))).toEqual(["1-0"]);
  });

  it("are given up after maxRetries connections without an event, each tried as often as any call", async () => {
    server().answer(cut(queued), cut(), events(": nothing\n\n"), cut("data: what\n\n"), over);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { id } of client().jobs.events("job_1")) seen.push(id);
    })();
    const error = await rejectionOf(reading);
    expect(error).toMatchObject({ code: "stream_broken", retryable: true, job: "job_1" });
    expect(seen).toEqual(["1-0"]);
    expect(server().seen).toHaveLength(4);
  });

  it("are retried where the server fails before it sends any", async () => {
    server().answer(json(503, {}, { "retry-after": "0" }), events(succeeded));
    expect(await idsOf(client().jobs.events("job_1"))).toEqual(["3-0"]);
  });

  it("reject with the server's error, and the job's id", async () => {
    server().answer(json(404, { error: { code: "not_found", message: "There is no such job." } }));
    const error = await rejectionOf(idsOf(client().jobs.events("job_1")));
    expect(error).toMatchObject({ code: "not_found", job: "job_1" });
  });

  it("left by break close the connection", async () => {
    const closed = Promise.withResolvers<void>();
    server().answer((response) => {
      response.on("close", closed.resolve).writeHead(200, { "content-type": "text/event-stream" });
      response.write(queued);
    });
    for await (const _ of client().jobs.events("job_1")) break;
    await closed.promise;
  });

  it("aborted throw from the loop, and close the connection", async () => {
    const closed = Promise.withResolvers<void>();
    server().answer((response) => {
      response.on("close", closed.resolve).writeHead(200, { "content-type": "text/event-stream" });
      response.write(queued);
    });
    const controller = new AbortController();
    const reading = (async () => {
      for await (const _ of client().jobs.events("job_1", { signal: controller.signal })) {
        setImmediate(() => controller.abort("enough"));
      }
    })();
    expect(await rejectionOf(reading)).toMatchObject({ code: "aborted", cause: "enough", job: "job_1" });
    await closed.promise;
  });

  it("end with the call's own time", async () => {
    server().answer((response) =>
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders(),
    );
    const error = await rejectionOf(idsOf(client().jobs.events("job_1", { timeoutMs: 60 })));
    expect(error).toMatchObject({ code: "timeout", job: "job_1" });
  });

  it("time out at a server that says nothing at all, by the attempt's time", async () => {
    server().answer(silence);
    const options = { attemptTimeoutMs: 30, maxRetries: 1 };
    expect(await rejectionOf(idsOf(client().jobs.events("job_1", options)))).toMatchObject({
      code: "timeout",
    });
  });
});

describe("a quiet connection", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
  afterEach(() => void vi.useRealTimers());

  /** Follows a job over connections that stay open until the test says what becomes of them. */
  function follow(): { sinks: ReadableStreamDefaultController<Uint8Array>[]; ids: Promise<string[]> } {
    const sinks: ReadableStreamDefaultController<Uint8Array>[] = [];
    const fetch: Fetch = () => {
      const body = new ReadableStream<Uint8Array>({ start: (sink) => void sinks.push(sink) });
      const headers = { "content-type": "text/event-stream" };
      return Promise.resolve(new Response(body, { headers }));
    };
    const patient = new Headrace({ baseURL: "https://ai.example", apiKey: "k", fetch, maxRetries: 0 });
    return { sinks, ids: idsOf(patient.jobs.events("job_1")) };
  }

  it("that was open for long does not count as failed, and another follows though there are no retries", async () => {
    const { sinks, ids } = follow();
    await vi.waitFor(() => expect(sinks).toHaveLength(1));
    vi.setSystemTime(Date.now() + 600_000);
    sinks[0]?.close();
    await vi.waitFor(() => expect(sinks).toHaveLength(2));
    sinks[1]?.enqueue(new TextEncoder().encode(succeeded));
    expect(await ids).toEqual(["3-0"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that is silent for too long is replaced by another", async () => {
    const { sinks, ids } = follow();
    await vi.waitFor(() => expect(sinks).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(45_000);
    await vi.waitFor(() => expect(sinks).toHaveLength(2));
    sinks[1]?.enqueue(new TextEncoder().encode(succeeded));
    expect(await ids).toEqual(["3-0"]);
  });
});
