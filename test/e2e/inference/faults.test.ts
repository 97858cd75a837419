import { describe, expect, it } from "vitest";
import { findFact, readError, says, useDeployment } from "../deployment.ts";
import { FAULT_ROWS, type FaultRow } from "./fault-rows.ts";

const app = useDeployment();

/** A chat by each of its APIs: how it is asked for, how its stream ends, and what a whole answer looks like. */
const DIALECTS = [
  {
    api: "chat",
    path: "/v1/chat/completions",
    body: (model: string) => ({ model, messages: says("good day") }),
    end: /data: \[DONE\]$/,
    whole: { object: "chat.completion", created: expect.any(Number) as number, choices: [{ index: 0 }] },
  },
  {
    api: "responses",
    path: "/v1/responses",
    body: (model: string) => ({ model, input: "good day" }),
    end: /event: response\.completed\ndata: .*$/,
    whole: {
      object: "response",
      status: "completed",
      created_at: expect.any(Number) as number,
      output: [{}],
    },
  },
  {
    api: "messages",
    path: "/v1/messages",
    body: (model: string) => ({ model, max_tokens: 50, messages: says("good day") }),
    end: /event: message_stop\ndata: .*$/,
    whole: { type: "message", role: "assistant", content: [{}], usage: {} },
  },
] as const;

const completion = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_750_000_000,
  model: "big",
  choices: [{ index: 0, message: { role: "assistant", content: "echo: good day" }, finish_reason: "stop" }],
};
const failed = {
  ...completion,
  choices: [{ ...completion.choices[0], finish_reason: "error", error: { code: 502, message: "broken" } }],
};

const PRIMARY = "targets[0]=primary/big";
const SECONDARY = "targets[1]=secondary/small";

/** How often each target was called. */
const countCalls = async () =>
  (await Promise.all([app.primary.requests(), app.secondary.requests()])).map(({ length }) => length);

/** Asks while the first target does what the row says, and checks whose answer it is, and all but its content. */
async function meet({ fault, gets }: FaultRow, ask: () => Promise<Response>): Promise<Response> {
  await app.primary.fault(fault);
  const response = await ask();
  const isNext = gets === "the next";
  expect(await countCalls()).toEqual([1, isNext ? 1 : 0]);
  if (typeof gets === "object" && "status" in gets) {
    const { status, code, message, param = null } = gets;
    expect(response.status).toBe(status);
    expect(await readError(response)).toMatchObject({ code, message, param, retryable: false });
  } else {
    expect(response.status).toBe(200);
    expect(response.headers.get("x-headrace-target")).toBe(isNext ? SECONDARY : PRIMARY);
  }
  return response;
}

const isTold = ({ gets }: FaultRow) => typeof gets === "object" && "status" in gets;
const CONTENT = /echo:.* day/;
const CALL = /\{\\"at\\":\\"sky\\"\}/;

describe.each(DIALECTS)("a provider's fault, by $api", ({ path, body, end, whole }) => {
  const ask =
    (stream: boolean, impatient = false) =>
    () =>
      app.post(path, { ...body(impatient ? "fallback" : "steady"), ...(stream && { stream }) });

  it.each(FAULT_ROWS.filter(({ streamed }) => !streamed))("whole: $what", async (row) => {
    const response = await meet(row, ask(false));
    if (isTold(row)) return;
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ id: expect.stringMatching(/./) as string, ...whole });
    if (row.gets === "its call")
      expect(text).toMatch(path === "/v1/messages" ? /"input":\{"at":"sky"\}/ : CALL);
    else expect(text).toMatch(CONTENT);
  });

  it.each(FAULT_ROWS)("streamed: $what", async (row) => {
    const response = await meet(row, ask(true, row.impatient));
    if (isTold(row)) return;
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const text = (await response.text()).trimEnd();
    if (typeof row.gets === "object" && "breaks" in row.gets) {
      expect(text).toContain(`"code":"${row.gets.breaks}`);
      expect(text).not.toMatch(end);
      return;
    }
    expect(text).toMatch(end);
    if (row.gets === "its call") expect(text).toMatch(CALL);
    else expect(text.match(/echo:|good|day/g)?.slice(0, 3)).toEqual(["echo:", "good", "day"]);
    expect(text).not.toContain("upstream_");
  });
});

describe("a provider's fault, by embeddings", () => {
  it.each(FAULT_ROWS.filter(({ embeddings }) => embeddings))("$what", async (row) => {
    const response = await meet(row, () => app.embed({ model: "embed-steady", input: ["good", "day"] }));
    if (!isTold(row))
      expect(await response.json()).toMatchObject({ object: "list", data: [{ index: 0 }, { index: 1 }] });
  });
});

/** The errors in a stream's events, in whichever form. */
const readErrors = (text: string) =>
  text.split("\n\n").flatMap((event) => {
    const data = event.slice(event.indexOf("{"));
    if (!/"(?:error|response\.failed)"/.test(data)) return [];
    const { error, response } = JSON.parse(data) as { error?: object; response?: { error?: object } };
    return error ?? response?.error ?? [];
  });

for (const { api, path, body, end } of DIALECTS) {
  const stream = (model: string) => app.post(path, { ...body(model), stream: true });

  describe(`a stream by ${api}`, () => {
    it("ends with the provider's own code and words where it fails by its client's fault on the way", async () => {
      const error = {
        message: "No room\n for more. sk-primary-secret",
        code: "context_length_exceeded",
        param: "messages",
        type: "invalid_request_error",
      };
      await app.primary.fault({ kind: "error-event", after: 3, error });
      const text = (await (await stream("chat")).text()).trimEnd();
      const told = readErrors(text);
      expect(text).toContain("good");
      expect(told.at(-1)).toMatchObject({
        code: "context_length_exceeded",
        message: "No room for more. [redacted]",
      });
      if (api !== "responses") expect(told).toEqual([expect.objectContaining({ param: "messages" })]);
      expect(text).not.toContain("sk-primary");
    });

    it("is asked for again without what the gateway has added, where that is refused", async () => {
      const model = `primary/picky-${api}`;
      const words = { error: { message: "stream_options: Extra inputs are not permitted" } };
      await app.primary.fault(
        { kind: "status", status: 400, body: words },
        { match: { promptIncludes: "stream_options" } },
      );
      for (const received of [2, 3]) {
        expect((await (await stream(model)).text()).trimEnd()).toMatch(end);
        expect(await app.primary.requests()).toHaveLength(received);
      }
    });
  });
}

describe("a stream that only keeps its connection alive", () => {
  it("ends with an error, though nothing is read of it on its way", async () => {
    const asked = { model: "impatient", messages: says("x"), stream: true };
    const shown = { ...asked, stream_options: { include_usage: true } };
    await (await app.chat(shown)).text();
    await app.primary.fault({ kind: "keep-alive", after: 2, text: ": ping\n\n", intervalMs: 50 });
    expect(await (await app.chat(shown)).text()).toContain('"code":"upstream_timeout"');
    await app.primary.waitUntilAborted();
  });
});

describe("a stream that nothing is read of on its way", () => {
  it("tells its client once that it failed, by the provider's own event where there is one", async () => {
    const asked = { model: "uncached", messages: says("x y z"), stream: true };
    const shown = { ...asked, stream_options: { include_usage: true } };
    for (const [error, code] of [
      [{ message: "The model stopped.", code: "server_error" }, "server_error"],
      ["The model stopped.", "upstream_error"],
    ] as const) {
      await app.primary.reset();
      await (await app.chat(shown)).text();
      await app.primary.fault({ kind: "error-event", after: 3, error });
      const errors = readErrors((await (await app.chat(shown)).text()).trimEnd());
      expect(errors.filter((each) => typeof each === "object")).toMatchObject([{ code }]);
    }
  });
});

describe("a secret in a provider's own error event", () => {
  const error = { message: "The key sk-primary-secret has expired.", code: "server_error" };
  const ask = async (model: string) =>
    (await app.chat({ model, messages: says("x y z"), stream: true, stream_options: SHOWN })).text();
  const SHOWN = { include_usage: true };

  it("never leaves by a route that reads its streams", async () => {
    await ask("watched");
    await app.primary.fault({ kind: "error-event", after: 3, error });
    const text = await ask("watched");
    expect(text).toContain('"code":"upstream_error"');
    expect(text).not.toContain("sk-primary");
  });

  it("leaves no second time by another, until the target has streamed well again", async () => {
    await ask("uncached");
    await app.primary.fault({ kind: "error-event", after: 3, error });
    expect(await ask("uncached")).toContain("sk-primary-secret");
    expect(await ask("uncached")).not.toContain("sk-primary");
  });
});

describe("a stream that is slower than its route asks", () => {
  it("ends with an error, and is told so, although it is never silent for long", async () => {
    await app.primary.fault({ eventDelayMs: 30 });
    const asked = { model: "brisk", messages: says("word ".repeat(200)), stream: true };
    const text = await (await app.chat(asked, { "x-request-id": "slow-stream" })).text();
    expect(text).toContain("word");
    expect(text.trimEnd()).toMatch(/"code":"upstream_timeout".*$/);
    await app.primary.waitUntilAborted();
    expect(await findFact(app.gateway, "attempt", "slow-stream")).toMatchObject({
      error: "upstream_timeout",
      reason: "slow",
      complete: false,
    });
  });
});

describe("a whole answer that says it has failed", () => {
  it("goes to the next target, and is neither kept nor told as an answer", async () => {
    await app.primary.fault({ kind: "status", status: 200, body: failed });
    const asked = { model: "fallback", messages: says("whole failure"), temperature: 0 };
    const response = await app.chat(asked, { "x-request-id": "whole-failure" });
    expect(response.headers.get("x-headrace-target")).toBe("targets[1]=secondary/small");
    expect(await findFact(app.gateway, "attempt", "whole-failure")).toMatchObject({
      error: "upstream_error",
      reason: "status 502",
    });
  });
});

describe("a job whose stream breaks off", () => {
  it("goes on with the next target at its next run", async () => {
    await app.primary.fault({ kind: "cut", after: 2 });
    const input = { model: "fallback", messages: says("broken off"), stream: true };
    const response = await app.post("/v1/jobs", { task: "chat", input }, { prefer: "wait=20" });
    expect(await response.json()).toMatchObject({ status: "succeeded" });
    expect(await app.primary.requests()).toHaveLength(1);
    expect(await app.secondary.requests()).toHaveLength(1);
  });
});
