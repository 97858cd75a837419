import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
  UnprocessableEntityError,
} from "@anthropic-ai/sdk";
import { describe, expect, it, vi } from "vitest";
import { API_KEY, findFact, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
const anthropic = (options = {}) =>
  new Anthropic({ baseURL: app.gateway.url, apiKey: API_KEY, maxRetries: 0, ...options });
const asks = (content: string, more = {}) => ({
  model: "chat",
  max_tokens: 100,
  messages: [{ role: "user" as const, content }],
  ...more,
});
const post = (body: object, headers = {}) => app.post("/v1/messages", body, headers);
let serial = 0;
const fresh = () => `message ${process.hrtime.bigint()} ${serial++}`;
const LOOK_UP = {
  name: "look_up",
  input_schema: { type: "object" as const, properties: { text: { type: "string" } } },
};

describe("the @anthropic-ai/sdk package, over a chat", { meta: { client: "@anthropic-ai/sdk" } }, () => {
  it("creates messages, with its key in its own header", { meta: { shows: ["text", "usage"] } }, async () => {
    const message = await anthropic().messages.create(
      asks("to sea", { system: "Go.", stop_sequences: ["."] }),
    );
    expect(message).toMatchObject({
      type: "message",
      role: "assistant",
      model: "big",
      content: [{ type: "text", text: "echo: to sea" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 3, output_tokens: 3, cache_read_input_tokens: 0 },
    });
    const [received] = await app.primary.requests();
    expect(received?.path).toBe("/v1/chat/completions");
    expect(received?.headers).not.toHaveProperty("x-api-key");
    expect(received?.headers).not.toHaveProperty("anthropic-version");
    expect(received?.body).toEqual({
      model: "big",
      messages: [{ role: "system", content: "Go." }, ...says("to sea")],
      max_completion_tokens: 100,
      stop: ["."],
    });
  });

  it("streams messages, with what they used", { meta: { shows: ["streams", "usage"] } }, async () => {
    const stream = anthropic().messages.stream(asks("down the race"));
    const deltas: string[] = [];
    stream.on("text", (delta) => deltas.push(delta));
    const message = await stream.finalMessage();
    expect(deltas).toEqual(["echo:", " down", " the", " race"]);
    expect(message).toMatchObject({
      content: [{ type: "text", text: "echo: down the race" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 3, output_tokens: 4 },
    });
  });

  it("reads the same from a raw stream of events", async () => {
    const stream = await anthropic().messages.create({ ...asks("one two"), stream: true });
    const types = (await Array.fromAsync(stream)).map(({ type }) => type);
    expect(types).toEqual([
      "message_start",
      "content_block_start",
      ...Array.from({ length: 3 }, () => "content_block_delta"),
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
  });

  it(
    "calls tools and takes their results back, whole and streamed",
    { meta: { shows: "tools" } },
    async () => {
      const client = anthropic();
      const request = asks("a word", { tools: [LOOK_UP], tool_choice: { type: "any" } });
      const whole = await client.messages.create(request);
      const streamed = await client.messages.stream(request).finalMessage();
      expect(streamed.content).toEqual(whole.content);
      expect(whole).toMatchObject({
        stop_reason: "tool_use",
        content: [{ type: "tool_use", id: "call_1", name: "look_up", input: { text: "a word" } }],
      });
      const [call] = whole.content;
      if (call?.type !== "tool_use") throw new Error("no call");
      const results = [{ type: "tool_result" as const, tool_use_id: call.id, content: "found" }];
      await client.messages.create({
        ...asks("a word"),
        messages: [
          { role: "user", content: "a word" },
          { role: "assistant", content: whole.content },
          { role: "user", content: results },
        ],
        tools: [LOOK_UP],
      });
      const sent = (await app.primary.requests()).at(-1)?.body as { messages: unknown };
      expect(sent.messages).toEqual([
        { role: "user", content: "a word" },
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "call_1", type: "function", function: { name: "look_up", arguments: '{"text":"a word"}' } },
          ],
        },
        { role: "tool", tool_call_id: "call_1", content: "found" },
      ]);
    },
  );

  it(
    "throws its own error classes, with the gateway's code and request id",
    { meta: { shows: "errors" } },
    async () => {
      const ask = (client: Anthropic, more = {}) =>
        client.messages.create(asks("x", more)).catch((error: unknown) => error);
      expect(await ask(anthropic({ apiKey: "hr_test_wrong" }))).toBeInstanceOf(AuthenticationError);
      const missing = await ask(anthropic(), { model: "nobody" });
      expect(missing).toBeInstanceOf(NotFoundError);
      expect((missing as APIError).type).toBe("not_found_error");
      expect((missing as APIError).requestID).toMatch(/\S/);
      expect((missing as APIError).error).toMatchObject({
        type: "error",
        error: { code: "model_not_found" },
      });
      expect(await ask(anthropic(), { max_tokens: 0 })).toBeInstanceOf(BadRequestError);
      const tools = [{ type: "web_search_20250305", name: "web_search" }];
      const refused = await ask(anthropic(), { tools, model: "strict-tools" });
      expect(refused).toBeInstanceOf(UnprocessableEntityError);
      expect((refused as APIError).message).toContain("tools[0]: a tool of type 'web_search_20250305'");
      await app.primary.fault({ kind: "status", status: 429 });
      expect(await ask(anthropic())).toBeInstanceOf(RateLimitError);
      await app.primary.reset();
      await app.primary.fault({ kind: "status", status: 500 });
      expect(await ask(anthropic())).toBeInstanceOf(InternalServerError);
    },
  );

  it("learns of a stream that broke", { meta: { shows: "broken streams" } }, async () => {
    await app.primary.fault({ kind: "cut", after: 3 });
    const error = await anthropic()
      .messages.stream(asks("x y z"))
      .finalMessage()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(APIError);
    expect((error as APIError).type).toBe("api_error");
  });

  it("takes its key from the Authorization header too", async () => {
    const client = anthropic({ apiKey: null, authToken: API_KEY });
    expect((await client.messages.create(asks("x"))).content).toMatchObject([{ text: "echo: x" }]);
  });
});

describe("a streamed message", () => {
  it("that breaks ends with Anthropic's error event", async () => {
    await app.primary.fault({ kind: "error-event", after: 3 });
    const text = await (await post({ ...asks("x y z"), stream: true })).text();
    const last = text.trimEnd().split("\n\n").at(-1) ?? "";
    expect(last.startsWith("event: error\ndata: ")).toBe(true);
    expect(JSON.parse(last.slice(last.indexOf("{")))).toMatchObject({
      type: "error",
      error: { type: "api_error", code: "upstream_error", message: "The provider failed." },
    });
    expect(text).not.toContain("message_stop");
  });

  it("is recorded with what it used", async () => {
    await (await post({ ...asks("count me"), stream: true }, { "x-request-id": "message-used" })).text();
    expect(await findFact(app.gateway, "answer", "message-used")).toMatchObject({
      usage: { prompt_tokens: 2, completion_tokens: 3 },
      complete: true,
    });
  });

  it("at temperature 0 is kept, and replayed to Anthropic's client as it was", async () => {
    const request = asks(fresh(), { temperature: 0 });
    const first = await anthropic().messages.stream(request).finalMessage();
    await vi.waitFor(async () => {
      const response = await post({ ...request, stream: true });
      await response.text();
      expect(response.headers.get("cache-status")).toContain("; hit");
    }, 5000);
    expect(await anthropic().messages.stream(request).finalMessage()).toEqual(first);
    expect(await app.primary.requests()).toHaveLength(1);
  });

  it("at temperature 0 is shared by identical requests at the same time", async () => {
    await app.primary.fault({ gate: true });
    const request = { ...asks(fresh(), { temperature: 0 }), stream: true };
    const sent = Array.from({ length: 5 }, () => post(request));
    await app.primary.waitForRequests(1);
    for (let turn = 0; turn < 20; turn++) await fetch(`${app.gateway.url}/healthz`);
    await app.primary.release();
    const texts = await Promise.all((await Promise.all(sent)).map((response) => response.text()));
    expect(new Set(texts).size).toBe(1);
    expect(await app.primary.requests()).toHaveLength(1);
  });
});

describe("a message's errors", () => {
  it("say what they are in Anthropic's shape and in OpenAI's at once", async () => {
    const response = await post({ model: "chat" });
    expect(response.status).toBe(400);
    expect(response.headers.get("request-id")).toBe(response.headers.get("x-request-id"));
    expect(await response.json()).toMatchObject({
      type: "error",
      request_id: response.headers.get("x-request-id"),
      error: { type: "invalid_request_error", code: "invalid_request", param: "messages" },
    });
  });

  it("are OpenAI's alone elsewhere", async () => {
    const response = await app.chat({ model: "chat" });
    expect(Object.keys((await response.json()) as object)).toEqual(["error"]);
  });
});
