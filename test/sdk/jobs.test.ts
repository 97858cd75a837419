import { describe, expect, it } from "vitest";
import { Headrace } from "../../sdk/jobs/index.ts";
import type { JobParams } from "../../sdk/jobs/index.ts";
import { ChatStream } from "../../sdk/stream.ts";
import { chunk, done, events, jobOf, json, succeeded, useLocalServer } from "./local-server.ts";
import type { Handler } from "./local-server.ts";
import { rejectionOf } from "./rejection.ts";

const server = useLocalServer();
const client = (options: object = {}): Headrace =>
  new Headrace({ baseURL: server().url, apiKey: "hr_live_secret", ...options });
const params: JobParams<"embeddings"> = { task: "embeddings", input: { model: "embed", input: "x" } };
const now = { "retry-after": "0" };
const lost: Handler = (response) => void response.destroy();
const requests = (): string[] => server().seen.map(({ method, path }) => `${method} ${path}`);
const keys = (): unknown[] => server().seen.map(({ headers }) => headers["idempotency-key"]);

describe("the calls of jobs", () => {
  it("create posts the whole body, and gives the job with its meta", async () => {
    server().answer(json(202, jobOf(), { "retry-after": "1", "idempotent-replayed": "true" }));
    const job = await client().jobs.create({ ...params, metadata: { user: "42" }, priority: "economy" });
    expect(job).toMatchObject({ id: "job_1", status: "queued" });
    expect(job.meta).toMatchObject({ status: 202, retryAfterMs: 1000, replayed: true });
    expect(requests()).toEqual(["POST /v1/jobs"]);
    const body: unknown = JSON.parse(server().seen[0]?.body ?? "");
    expect(body).toEqual({ ...params, metadata: { user: "42" }, priority: "economy" });
  });

  it("each has its method and path, and ids are escaped", async () => {
    server().answer(json(200, jobOf()));
    const { jobs } = client();
    await jobs.get("job/1");
    await jobs.cancel("job_1");
    await jobs.retry("job_1");
    await jobs.delete("job_1");
    expect(requests()).toEqual([
      "GET /v1/jobs/job%2F1",
      "POST /v1/jobs/job_1/cancel",
      "POST /v1/jobs/job_1/retry",
      "DELETE /v1/jobs/job_1",
    ]);
    expect(
      server()
        .seen.map(({ body }) => body)
        .join(""),
    ).toBe("");
  });

  it("delete takes an empty answer", async () => {
    server().answer((response) => response.writeHead(204).end());
    expect(await client().jobs.delete("job_1")).toBeUndefined();
  });

  it("an answer that is no job is invalid_response", async () => {
    server().answer(json(200, { data: [] }));
    expect(await rejectionOf(client().jobs.get("job_1"))).toMatchObject({
      code: "invalid_response",
      job: "job_1",
    });
  });
});

describe("the key of a job", () => {
  it("is made once a call, and sent with every attempt", async () => {
    server().answer(lost, json(503, {}, now), json(202, jobOf()), json(202, jobOf()));
    await client().jobs.create(params);
    await client().jobs.create(params);
    const [first, second, third, fourth] = keys();
    expect(first).toMatch(/^[\x21-\x7e]{16,255}$/);
    expect([second, third]).toEqual([first, first]);
    expect(fourth).not.toBe(first);
  });

  it("is the caller's, where there is one", async () => {
    server().answer(lost, json(202, jobOf()));
    await client().jobs.create(params, { idempotencyKey: "order-7" });
    expect(keys()).toEqual(["order-7", "order-7"]);
  });

  it("goes with retries and cancels too, and with nothing that only reads", async () => {
    server().answer(lost, json(202, jobOf()), lost, json(202, jobOf()), json(200, jobOf()));
    await client().jobs.retry("job_1");
    await client().jobs.cancel("job_1");
    await client().jobs.get("job_1", { idempotencyKey: "unused" });
    const [first, second, third, fourth, fifth] = keys();
    expect([second, fourth, fifth]).toEqual([first, third, undefined]);
    expect(first).toBeDefined();
    expect(third).not.toBe(first);
  });

  it("is in no body", async () => {
    server().answer(json(202, jobOf()));
    await client().jobs.create(params, { idempotencyKey: "order-7" });
    expect(server().seen[0]?.body).not.toContain("order-7");
  });
});

describe("errors of jobs", () => {
  it.each(["get", "wait", "output", "cancel", "retry", "delete"] as const)(
    "%s carries the job's id",
    async (method) => {
      server().answer(json(404, { error: { code: "not_found", message: "There is no such job." } }));
      const error = await rejectionOf(client().jobs[method]("job_1"));
      expect(error).toMatchObject({ code: "not_found", status: 404, job: "job_1" });
    },
  );

  it("of a creation carry none: there is no job", async () => {
    server().answer(json(400, { error: { code: "invalid_request", param: "input.model" } }));
    const error = await rejectionOf(client().jobs.create(params));
    expect(error).toMatchObject({ code: "invalid_request", param: "input.model", job: undefined });
  });

  it("of options are a TypeError, before anything is sent", async () => {
    await expect(client().jobs.get("job_1", { maxRetries: -1 })).rejects.toThrow(TypeError);
    await expect(client().jobs.wait("job_1", { timeoutMs: 0 })).rejects.toThrow(TypeError);
    await expect(client().jobs.list({}, { timeoutMs: 0 })).rejects.toThrow(TypeError);
    await expect(client().jobs.events("job_1", { timeoutMs: 0 }).next()).rejects.toThrow(TypeError);
    expect(server().seen).toEqual([]);
  });
});

describe("output", () => {
  it("is JSON as it is, whatever its shape", async () => {
    server().answer(json(200, { results: [], meta: { theirs: true } }, { "x-headrace-route": "embed" }));
    const output = await client().jobs.output("job_1");
    expect(JSON.stringify(output)).toBe('{"results":[],"meta":{"theirs":true}}');
    expect(output.meta.route).toBe("embed");
    expect(requests()).toEqual(["GET /v1/jobs/job_1/output"]);
  });

  it("is a Blob with its type, of what is neither JSON nor a stream", async () => {
    server().answer((response) => response.writeHead(200, { "content-type": "audio/mpeg" }).end("ID3"));
    const output = await client().jobs.output("job_1");
    expect(output).toBeInstanceOf(Blob);
    expect([(output as Blob).type, await (output as Blob).text()]).toEqual(["audio/mpeg", "ID3"]);
    expect(output.meta.status).toBe(200);
  });

  it("is a stream, of a streamed chat; what breaks it carries the job's id", async () => {
    server().answer(events(chunk("Hi"), done), events(chunk("Hi")));
    const whole = await client().jobs.output("job_1");
    expect(whole).toBeInstanceOf(ChatStream);
    expect(await (whole as ChatStream).text()).toBe("Hi");
    const broken = (await client().jobs.output("job_1")) as ChatStream;
    expect(await rejectionOf(broken.text())).toMatchObject({ code: "stream_broken", job: "job_1" });
  });

  it("is asked for again where it was cut off", async () => {
    const cut: Handler = (response) => {
      response.writeHead(200, { "content-type": "audio/mpeg", "content-length": "1000" });
      response.write("ID3", () => response.destroy());
    };
    server().answer(cut, json(200, { data: [] }));
    expect((await client().jobs.output("job_1")).meta.retries).toBe(1);
  });
});

describe("list", () => {
  const page = (ids: string[], next: string | null): Handler =>
    json(200, { object: "list", data: ids.map((id) => ({ id })), has_more: next !== null, next });

  it("awaited gives a page", async () => {
    server().answer(page(["a", "b"], "after-b"));
    const { data, next, has_more, meta } = await client().jobs.list();
    expect([data.map(({ id }) => id), next, has_more, meta.status]).toEqual([
      ["a", "b"],
      "after-b",
      true,
      200,
    ]);
    expect(requests()).toEqual(["GET /v1/jobs?"]);
  });

  it("looped over gives every job of every page, and asks for pages as they are needed", async () => {
    server().answer(page(["a", "b"], "b+/="), page(["c"], "c"), page([], null));
    const ids: string[] = [];
    for await (const { id } of client().jobs.list({ limit: 2 })) {
      ids.push(id);
      if (id === "b") expect(server().seen).toHaveLength(1);
    }
    expect(ids).toEqual(["a", "b", "c"]);
    expect(requests()).toEqual([
      "GET /v1/jobs?limit=2",
      "GET /v1/jobs?limit=2&after=b%2B%2F%3D",
      "GET /v1/jobs?limit=2&after=c",
    ]);
  });

  it("writes every filter into the query", async () => {
    server().answer(page([], null));
    const metadata = { user: "42", "a b": "é&=" };
    await client().jobs.list({
      status: ["failed", "expired"],
      model: "chat",
      metadata,
      after: "x",
      limit: 5,
    });
    const { searchParams } = new URL(server().seen[0]?.path ?? "", server().url);
    expect(Object.fromEntries(searchParams)).toEqual({
      status: "failed,expired",
      model: "chat",
      after: "x",
      limit: "5",
      "metadata[user]": "42",
      "metadata[a b]": "é&=",
    });
  });

  it("can be left in the middle, and looped over again", async () => {
    server().answer(page(["a", "b"], "b"), page(["c"], null));
    const list = client().jobs.list();
    for await (const _ of list) break;
    expect(server().seen).toHaveLength(1);
    expect((await Array.fromAsync(list)).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("throws from the loop where a page fails", async () => {
    server().answer(page(["a"], "a"), json(400, { error: { code: "invalid_request", param: "after" } }));
    const ids: string[] = [];
    const reading = (async () => {
      for await (const { id } of client().jobs.list()) ids.push(id);
    })();
    expect(await rejectionOf(reading)).toMatchObject({ code: "invalid_request", param: "after" });
    expect(ids).toEqual(["a"]);
  });
});

describe("wait", () => {
  it("asks the server to hold its answer, and gives the job at its end", async () => {
    server().answer(
      json(200, jobOf(), now),
      json(200, jobOf({ status: "in_progress" }), now),
      json(200, succeeded({})),
    );
    expect((await client().jobs.wait("job_1")).status).toBe("succeeded");
    expect(server().seen.map(({ headers }) => headers["prefer"])).toEqual(["wait=30", "wait=30", "wait=30"]);
    expect(requests()).toEqual(Array(3).fill("GET /v1/jobs/job_1"));
  });

  it.each(["failed", "canceled", "expired"])("gives a job that is %s as well", async (status) => {
    server().answer(json(200, jobOf({ status, ended_at: "2026-01-01T00:00:00.000Z" })));
    expect((await client().jobs.wait("job_1")).status).toBe(status);
  });

  it("holds no longer than half an attempt's time, so that no answer is cut off", async () => {
    server().answer(json(200, succeeded({})));
    await client().jobs.wait("job_1", { attemptTimeoutMs: 9000 });
    await client({ timeoutMs: 11_000 }).jobs.wait("job_1");
    await client().jobs.wait("job_1", { timeoutMs: 5000 });
    await client().jobs.wait("job_1", { timeoutMs: 3_600_000 });
    expect(server().seen.map(({ headers }) => headers["prefer"])).toEqual([
      "wait=4",
      "wait=5",
      "wait=2",
      "wait=30",
    ]);
  });

  it("goes on beyond the client's timeoutMs: only its own ends it, and its error carries the id", async () => {
    let asked = 0;
    server().answer((...answer) => {
      asked += 1;
      json(200, asked < 20 ? jobOf() : succeeded({}), { "retry-after": "0.02" })(...answer);
    });
    expect((await client({ timeoutMs: 300 }).jobs.wait("job_1")).status).toBe("succeeded");
    server().answer(json(200, jobOf(), { "retry-after": "0.01" }));
    const error = await rejectionOf(client().jobs.wait("job_1", { timeoutMs: 100 }));
    expect(error).toMatchObject({ code: "timeout", job: "job_1" });
  });

  it("survives answers that were lost, each as often as the options say", async () => {
    server().answer(lost, json(503, {}, now), json(200, jobOf(), now), lost, lost, json(200, succeeded({})));
    expect((await client().jobs.wait("job_1")).status).toBe("succeeded");
  });

  it("aborted leaves the job alone", async () => {
    const controller = new AbortController();
    server().answer(() => controller.abort("enough"));
    const error = await rejectionOf(client().jobs.wait("job_1", { signal: controller.signal }));
    expect(error).toMatchObject({ code: "aborted", cause: "enough", job: "job_1" });
    expect(requests()).toEqual(["GET /v1/jobs/job_1"]);
  });

  it("aborted between two looks ends at once", async () => {
    const controller = new AbortController();
    server().answer((response, request) => {
      response.on("finish", () => setImmediate(() => controller.abort()));
      json(200, jobOf(), { "retry-after": "60" })(response, request);
    });
    const error = await rejectionOf(client().jobs.wait("job_1", { signal: controller.signal }));
    expect(error).toMatchObject({ code: "aborted", job: "job_1" });
  });

  it.each<[string, object]>([
    ["aborted", {}],
    ["timeout", { timeoutMs: 250 }],
  ])("%s cancels the job where it was asked to, before it rejects", async (code, options) => {
    const controller = new AbortController();
    server().answer(() => code === "aborted" && controller.abort(), json(202, jobOf()));
    const call = client().jobs.wait("job_1", { signal: controller.signal, cancelOnAbort: true, ...options });
    expect(await rejectionOf(call)).toMatchObject({ code, job: "job_1" });
    expect(requests().at(-1)).toBe("POST /v1/jobs/job_1/cancel");
  });

  it("gives the reason of the abort where the cancel fails as well", async () => {
    const controller = new AbortController();
    server().answer(() => controller.abort(), json(500, {}, { "x-should-retry": "false" }));
    const options = { signal: controller.signal, cancelOnAbort: true };
    expect((await rejectionOf(client().jobs.wait("job_1", options))).code).toBe("aborted");
  });

  it("cancels nothing for another failure, nor where it never began", async () => {
    server().answer(json(404, {}));
    await rejectionOf(client().jobs.wait("job_1", { cancelOnAbort: true }));
    const signal = AbortSignal.abort();
    await rejectionOf(client().jobs.wait("job_1", { cancelOnAbort: true, signal }));
    expect(requests()).toEqual(["GET /v1/jobs/job_1"]);
  });
});
