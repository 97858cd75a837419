import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, expectTypeOf, it } from "vitest";
import { Headrace } from "../../sdk/jobs/index.ts";
import type { Job, JobEvent } from "../../sdk/jobs/index.ts";
import type { ChatCompletion, ChatStream, EmbeddingsResponse, RerankResponse } from "../../sdk/index.ts";
import { chunk, completion, done, embeddings, events, jobEvent, jobOf, json } from "./local-server.ts";
import { succeeded, useLocalServer } from "./local-server.ts";
import type { Handler } from "./local-server.ts";
import { rejectionOf } from "./rejection.ts";

const server = useLocalServer();
const client = (): Headrace => new Headrace({ baseURL: server().url, apiKey: "k" });
const messages = [{ role: "user", content: "Hi" }];
const input = { input: "x" };
const now = { "retry-after": "0" };
const lost: Handler = (response) => void response.destroy();
const requests = (): string[] => server().seen.map(({ method, path }) => `${method} ${path}`);
const keys = (): unknown[] => server().seen.map(({ headers }) => headers["idempotency-key"]);
const sent = (): unknown => JSON.parse(server().seen[0]?.body ?? "");

describe("run", () => {
  it("gives the output, with the job beside it", async () => {
    server().answer(json(200, succeeded(embeddings)));
    const vectors = await client().run("embed", input);
    expect(vectors).toEqual(embeddings);
    expect(JSON.stringify(vectors)).toBe(JSON.stringify(embeddings));
    expect(vectors.job).toMatchObject({ id: "job_1", status: "succeeded" });
    expect(vectors.job.meta.status).toBe(200);
    expect(requests()).toEqual(["POST /v1/jobs"]);
    expect(sent()).toEqual({ task: "embeddings", input: { model: "embed", input: "x" } });
  });

  it("has the gateway hold its answer, and waits on where the job goes on", async () => {
    server().answer(json(202, jobOf(), now), json(200, jobOf(), now), json(200, succeeded(embeddings)));
    expect(await client().run("embed", input)).toEqual(embeddings);
    expect(server().seen.map(({ headers }) => headers["prefer"])).toEqual(["wait=30", "wait=30", "wait=30"]);
    expect(requests()).toEqual(["POST /v1/jobs", "GET /v1/jobs/job_1", "GET /v1/jobs/job_1"]);
  });

  it("keeps no process alive by a stream that nobody reads", async () => {
    const recorded = events(...Array.from({ length: 5000 }, () => chunk("word ".repeat(50))), done);
    server().answer(json(200, succeeded(null)), recorded);
    const script = `
      import { Headrace } from ${JSON.stringify(new URL("../../sdk/jobs/index.ts", import.meta.url).href)};
      const client = new Headrace({ baseURL: ${JSON.stringify(server().url)}, apiKey: "k" });
      const stream = await client.run("m", { messages: [], stream: true });
      console.log(stream.job.id);`;
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      timeout: 10_000,
    });
    expect((await run).stdout.trim()).toBe("job_1");
  });

  it("tells the task by the input, unless it is said", async () => {
    server().answer(json(200, succeeded(completion)));
    const told = async (call: Promise<unknown>): Promise<unknown> => {
      await call;
      return JSON.parse(server().seen.at(-1)?.body ?? "").task;
    };
    expect(await told(client().run("m", { messages }))).toBe("chat");
    expect(await told(client().run("m", { query: "q", documents: ["d"] }))).toBe("rerank");
    expect(await told(client().run("m", input))).toBe("embeddings");
    expect(await told(client().run("m", input, { task: "classify" }))).toBe("classify");
    expect(await told(client().run("m", { messages, max_tokens: 1 }, { task: "messages" }))).toBe("messages");
  });

  it("types the output by the task", async () => {
    server().answer(json(200, succeeded(completion)));
    type Output<T> = T extends Promise<infer U> ? U : never;
    const chat = () => client().run("m", { messages });
    expectTypeOf<Output<ReturnType<typeof chat>>>().toEqualTypeOf<ChatCompletion & { readonly job: Job }>();
    const embed = () => client().run("m", input);
    expectTypeOf<Output<ReturnType<typeof embed>>>().toExtend<EmbeddingsResponse>();
    const rerank = () => client().run("m", { query: "q", documents: ["d"] });
    expectTypeOf<Output<ReturnType<typeof rerank>>>().toExtend<RerankResponse>();
    const stream = () => client().run("m", { messages, stream: true });
    expectTypeOf<Output<ReturnType<typeof stream>>>().toEqualTypeOf<ChatStream & { readonly job: Job }>();
    const speech = () => client().run("m", { input: "Hi" }, { task: "speech" });
    expectTypeOf<Output<ReturnType<typeof speech>>>().toExtend<Blob>();
    expect((await stream()).job.id).toBe("job_1");
  });

  it("sends what else a job can be told, and its metadata in the body alone", async () => {
    server().answer(json(200, succeeded(embeddings)));
    const job = { priority: "economy", complete_within: 60, webhook: { url: "https://me.example" } } as const;
    await client().run("embed", input, { job, metadata: { user: "42" } });
    expect(sent()).toEqual({
      ...job,
      task: "embeddings",
      input: { model: "embed", input: "x" },
      metadata: { user: "42" },
    });
    expect(server().seen[0]?.headers["x-headrace-metadata"]).toBeUndefined();
  });

  it("submits under one key, however often", async () => {
    server().answer(
      lost,
      json(503, {}, now),
      json(200, succeeded(embeddings)),
      json(200, succeeded(embeddings)),
    );
    await client().run("embed", input);
    await client().run("embed", input, { idempotencyKey: "order-7" });
    const [first, second, third, fourth] = keys();
    expect(first).toBeDefined();
    expect([second, third, fourth]).toEqual([first, first, "order-7"]);
  });

  it("fetches an output that is not in the job", async () => {
    const speech: Handler = (response) =>
      response.writeHead(200, { "content-type": "audio/mpeg" }).end("ID3");
    server().answer(
      json(200, succeeded(null)),
      speech,
      json(200, succeeded(null)),
      events(chunk("Hi"), done),
    );
    const audio = await client().run("voice", { input: "Hi" }, { task: "speech" });
    expect([await audio.text(), audio.job.id]).toEqual(["ID3", "job_1"]);
    const stream = await client().run("chat", { messages, stream: true });
    expect([await stream.text(), stream.job.id]).toEqual(["Hi", "job_1"]);
  });
});

describe("run, of a job that did not succeed", () => {
  const ended = (status: string, error: object | null): Handler =>
    json(200, jobOf({ status, error, ended_at: "2026-01-01T00:00:00.000Z" }), { "x-request-id": "req_1" });

  it.each<[string, object | null, object]>([
    [
      "failed",
      { code: "attempts_exhausted", message: "All attempts failed." },
      { code: "attempts_exhausted", message: "All attempts failed." },
    ],
    ["expired", { code: "deadline_exceeded", message: "Too late." }, { code: "deadline_exceeded" }],
    ["canceled", null, { code: "job_canceled", message: "The job was canceled." }],
  ])("rejects with what befell it: %s", async (status, error, expected) => {
    server().answer(ended(status, error));
    expect(await rejectionOf(client().run("embed", input))).toMatchObject({
      ...expected,
      job: "job_1",
      requestId: "req_1",
      status: undefined,
      retryable: false,
    });
    expect(server().seen).toHaveLength(1);
  });

  it("rejects without an id where there is no job", async () => {
    server().answer(json(404, { error: { code: "model_not_found", param: "input.model" } }));
    expect(await rejectionOf(client().run("nobody", input))).toMatchObject({
      code: "model_not_found",
      job: undefined,
    });
  });
});

describe("run with onUpdate", () => {
  const story = events(
    jobEvent("1-0", "job.queued"),
    jobEvent("2-0", "job.started", { run: 1 }),
    jobEvent("2-1", "job.output", { output: { choices: [] } }),
    jobEvent("3-0", "job.succeeded"),
  );

  it("tells every event in its turn, and then gives the output", async () => {
    server().answer(json(202, jobOf()), story, json(200, succeeded(embeddings)));
    const seen: string[] = [];
    const onUpdate = async (event: JobEvent): Promise<void> => {
      await new Promise(setImmediate);
      seen.push(event.type === "job.output" ? `${event.type} ${event.output.choices.length}` : event.type);
    };
    expect(await client().run("embed", input, { onUpdate })).toEqual(embeddings);
    expect(seen).toEqual(["job.queued", "job.started", "job.output 0", "job.succeeded"]);
    expect(requests()).toEqual(["POST /v1/jobs", "GET /v1/jobs/job_1/events", "GET /v1/jobs/job_1"]);
    expect(server().seen[0]?.headers["prefer"]).toBeUndefined();
  });

  it("rejects with what onUpdate throws, and closes the connection", async () => {
    server().answer(json(202, jobOf()), story);
    const own = new Error("The reader's.");
    const onUpdate = (): never => {
      throw own;
    };
    await expect(client().run("embed", input, { onUpdate })).rejects.toBe(own);
  });
});

describe("run, aborted", () => {
  it("leaves the job to go on, and tells its id", async () => {
    const controller = new AbortController();
    server().answer(json(202, jobOf(), now), () => controller.abort("enough"));
    const error = await rejectionOf(client().run("embed", input, { signal: controller.signal }));
    expect(error).toMatchObject({ code: "aborted", cause: "enough", job: "job_1" });
    expect(requests()).toEqual(["POST /v1/jobs", "GET /v1/jobs/job_1"]);
  });

  it("cancels the job where it was asked to", async () => {
    const controller = new AbortController();
    server().answer(json(202, jobOf(), now), () => controller.abort(), json(202, jobOf()));
    const options = { signal: controller.signal, cancelOnAbort: true };
    expect((await rejectionOf(client().run("embed", input, options))).code).toBe("aborted");
    expect(requests().at(-1)).toBe("POST /v1/jobs/job_1/cancel");
  });

  it("while it submits finds the job by its key, and cancels that", async () => {
    const controller = new AbortController();
    server().answer(() => controller.abort(), json(202, jobOf()), json(202, jobOf()));
    const options = { signal: controller.signal, cancelOnAbort: true };
    const error = await rejectionOf(client().run("embed", input, options));
    expect(error).toMatchObject({ code: "aborted", job: "job_1" });
    expect(requests()).toEqual(["POST /v1/jobs", "POST /v1/jobs", "POST /v1/jobs/job_1/cancel"]);
    const [first, again] = keys();
    expect(again).toBe(first);
    expect(server().seen[1]?.headers["prefer"]).toBeUndefined();
  });

  it("before it began submits nothing", async () => {
    const options = { signal: AbortSignal.abort(), cancelOnAbort: true };
    expect((await rejectionOf(client().run("embed", input, options))).code).toBe("aborted");
    expect(server().seen).toEqual([]);
  });

  it("by its own timeoutMs tells the job's id: it is known before the time is over", async () => {
    server().answer(json(202, jobOf(), now), json(200, jobOf(), { "retry-after": "0.01" }));
    const error = await rejectionOf(client().run("embed", input, { timeoutMs: 300 }));
    expect(error).toMatchObject({ code: "timeout", job: "job_1" });
    expect(server().seen[0]?.headers["prefer"]).toBe("wait=0");
  });
});
