import OpenAI, { APIError, AuthenticationError, NotFoundError, UnprocessableEntityError } from "openai";
import { describe, expect, it, vi } from "vitest";
import { API_KEY, findFact, readError, useDeployment } from "../deployment.ts";

const app = useDeployment();
const openai = (options = {}) =>
  new OpenAI({ baseURL: `${app.gateway.url}/v1`, apiKey: API_KEY, maxRetries: 0, ...options });
const post = (body: object, headers = {}) => app.post("/v1/responses", { model: "chat", ...body }, headers);
let serial = 0;
const fresh = () => `response ${process.hrtime.bigint()} ${serial++}`;
const LOOK_UP = {
  type: "function" as const,
  name: "look_up",
  strict: true,
  parameters: { type: "object", properties: { text: { type: "string" } } },
};

describe("the openai package's responses, over a chat", { meta: { client: "openai, by responses" } }, () => {
  it("are created, with what they used", { meta: { shows: ["text", "usage"] } }, async () => {
    const response = await openai().responses.create({ model: "chat", instructions: "Go.", input: "to sea" });
    expect(response).toMatchObject({
      object: "response",
      status: "completed",
      model: "big",
      output_text: "echo: to sea",
      store: false,
      usage: { input_tokens: 3, output_tokens: 3, total_tokens: 6 },
    });
    const [received] = await app.primary.requests();
    expect(received?.path).toBe("/v1/chat/completions");
    expect(received?.body).toEqual({
      model: "big",
      messages: [
        { role: "system", content: "Go." },
        { role: "user", content: "to sea" },
      ],
    });
  });

  it("stream, with what they used", { meta: { shows: ["streams", "usage"] } }, async () => {
    const stream = openai().responses.stream({ model: "chat", input: "down the race" });
    const deltas: string[] = [];
    stream.on("response.output_text.delta", ({ delta }) => deltas.push(delta));
    const response = await stream.finalResponse();
    expect(deltas).toEqual(["echo:", " down", " the", " race"]);
    expect(response.output_text).toBe("echo: down the race");
    expect(response.usage).toMatchObject({ input_tokens: 3, output_tokens: 4 });
  });

  it("call tools and take their outputs back", { meta: { shows: "tools" } }, async () => {
    const client = openai();
    const asked = await client.responses.create({
      model: "chat",
      input: "a word",
      tools: [LOOK_UP],
      tool_choice: "required",
    });
    const [call] = asked.output;
    if (call?.type !== "function_call") throw new Error("no call");
    expect(call).toMatchObject({ name: "look_up", arguments: '{"text":"a word"}', status: "completed" });
    const answered = await client.responses.create({
      model: "chat",
      input: [
        { role: "user", content: "a word" },
        call,
        { type: "function_call_output", call_id: call.call_id, output: "found" },
      ],
      tools: [LOOK_UP],
    });
    expect(answered.output_text).toBe("echo: found");
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
  });

  it("stream calls of tools", { meta: { shows: "tools" } }, async () => {
    const stream = openai().responses.stream({
      model: "chat",
      input: "a word",
      tools: [LOOK_UP],
      tool_choice: "required",
    });
    expect((await stream.finalResponse()).output).toMatchObject([
      { type: "function_call", name: "look_up", parsed_arguments: { text: "a word" } },
    ]);
  });

  it("ask for an answer of a schema", { meta: { shows: "objects" } }, async () => {
    const schema = { type: "object", properties: { a: { type: "number" } } };
    const format = { type: "json_schema" as const, name: "sum", strict: true, schema };
    const response = await openai().responses.create({ model: "chat", input: "x", text: { format } });
    expect(response.text).toEqual({ format });
    const [received] = await app.primary.requests();
    expect(received?.body).toMatchObject({
      response_format: { type: "json_schema", json_schema: { name: "sum", strict: true, schema } },
    });
  });

  it(
    "fail with the package's own error classes, and name what chat cannot do",
    { meta: { shows: "errors" } },
    async () => {
      const ask = (client: OpenAI, more: object) =>
        client.responses.create({ model: "chat", input: "x", ...more }).catch((error: unknown) => error);
      expect(await ask(openai({ apiKey: "hr_test_wrong" }), {})).toBeInstanceOf(AuthenticationError);
      expect(await ask(openai(), { model: "nobody" })).toBeInstanceOf(NotFoundError);
      const refused = await ask(openai(), { previous_response_id: "resp_1" });
      expect(refused).toBeInstanceOf(UnprocessableEntityError);
      expect((refused as APIError).message).toContain("previous_response_id");
      expect((refused as APIError).code).toBe("model_input_invalid");
      expect(await app.primary.requests()).toHaveLength(0);
    },
  );

  it("learn of a stream that broke", { meta: { shows: "broken streams" } }, async () => {
    await app.primary.fault({ kind: "cut", after: 3 });
    const stream = openai().responses.stream({ model: "chat", input: "x y z" });
    await expect(stream.finalResponse()).rejects.toBeInstanceOf(APIError);
  });
});

describe("a streamed response", () => {
  it("that breaks ends with an error event and as failed, numbered after those before it", async () => {
    await app.primary.fault({ kind: "error-event", after: 3 });
    const text = await (await post({ input: "x y z", stream: true })).text();
    const events = text.trimEnd().split("\n\n");
    const [error = "", failed = ""] = events.slice(-2);
    expect(error.startsWith("event: error\ndata: ")).toBe(true);
    const told = { code: "upstream_error", message: "The provider failed." };
    expect(JSON.parse(error.slice(error.indexOf("{")))).toMatchObject({
      type: "error",
      ...told,
      param: null,
      sequence_number: events.length - 2,
    });
    expect(JSON.parse(failed.slice(failed.indexOf("{")))).toMatchObject({
      type: "response.failed",
      response: { status: "failed", error: told },
      sequence_number: events.length - 1,
    });
    expect(text).not.toContain("response.completed");
    expect(text).not.toContain("The model stopped.");
  });

  it("goes to the next target when it fails before its first byte", async () => {
    await app.primary.fault({ kind: "error-event", after: 0 });
    const response = await post({ model: "fallback", input: "x", stream: true });
    expect(response.headers.get("x-headrace-target")).toBe("targets[1]=secondary/small");
    expect(await response.text()).toContain("response.completed");
  });

  it("is recorded with what it used", async () => {
    await (await post({ input: "count me", stream: true }, { "x-request-id": "response-used" })).text();
    expect(await findFact(app.gateway, "answer", "response-used")).toMatchObject({
      usage: { prompt_tokens: 2, completion_tokens: 3 },
      costUsd: 0.00011,
      complete: true,
    });
  });
});

describe("a response at temperature 0", () => {
  for (const stream of [false, true]) {
    it(`is kept and replayed as it was: ${stream ? "streamed" : "whole"}`, async () => {
      const body = { input: fresh(), temperature: 0, stream };
      const first = await (await post(body)).text();
      const hit = await vi.waitFor(async () => {
        const response = await post(body);
        expect(response.headers.get("cache-status")).toContain("; hit");
        return response;
      }, 5000);
      expect(await hit.text()).toBe(first);
      expect(await app.primary.requests()).toHaveLength(1);
    });
  }

  it("is not mistaken for the chat that it became", async () => {
    const content = fresh();
    await (await app.chat({ model: "chat", messages: [{ role: "user", content }], temperature: 0 })).text();
    const response = await post({ input: content, temperature: 0 });
    expect(await response.json()).toMatchObject({ object: "response" });
  });

  it("is shared by identical requests at the same time", async () => {
    await app.primary.fault({ gate: true });
    const body = { input: fresh(), temperature: 0, stream: true };
    const sent = Array.from({ length: 5 }, () => post(body));
    await app.primary.waitForRequests(1);
    for (let turn = 0; turn < 20; turn++) await fetch(`${app.gateway.url}/healthz`);
    await app.primary.release();
    const texts = await Promise.all((await Promise.all(sent)).map((response) => response.text()));
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toContain("response.completed");
    expect(await app.primary.requests()).toHaveLength(1);
  });
});

describe("a server that has the Responses API itself", () => {
  it("is asked by it, with every field", async () => {
    const response = await post({ model: "native", input: "hi", previous_response_id: "resp_0" });
    expect(await response.json()).toMatchObject({ id: "resp_native", model: "big" });
    const [received] = await app.primary.requests();
    expect(received?.path).toBe("/v1/responses");
    expect(received?.body).toEqual({ model: "big", input: "hi", previous_response_id: "resp_0" });
  });

  it("is asked by a stored prompt, which has an input of its own", async () => {
    const prompt = { id: "pmpt_1", version: "2", variables: { city: "Rome" } };
    expect((await post({ model: "native", prompt })).status).toBe(200);
    await openai().responses.create({ model: "native", prompt });
    const sent = (await app.primary.requests()).map(({ body }) => body);
    expect(sent).toEqual([
      { model: "big", prompt },
      { model: "big", prompt },
    ]);
    const overChat = await readError(await post({ prompt }));
    expect(overChat.message).toMatch(
      /prompt: .*not available.*Send what it says as 'instructions' and 'input'/,
    );
    const unnamed = await readError(await app.post("/v1/responses", { prompt }));
    expect(unnamed).toMatchObject({ param: "model", message: expect.stringContaining("native") as string });
    const empty = await readError(await post({ model: "native" }));
    expect(empty).toMatchObject({
      param: "input",
      message: expect.stringContaining("a stored prompt") as string,
    });
  });

  it("streams as it came, and ends with the gateway's error event where it breaks", async () => {
    const stream = openai().responses.stream({ model: "native", input: "over there" });
    expect((await stream.finalResponse()).output_text).toBe("native echo: over there");
    await app.primary.fault({ kind: "cut", after: 4 });
    const text = await (await post({ model: "native", input: "a b", stream: true })).text();
    expect(text).toContain('"sequence_number":4');
    expect(text).toContain("event: error\n");
  });

  it("is asked by chat for messages", async () => {
    const messages = [{ role: "user", content: "hi" }];
    const response = await app.post("/v1/messages", { model: "native", max_tokens: 9, messages });
    expect(await response.json()).toMatchObject({ type: "message", content: [{ text: "echo: hi" }] });
  });
});

describe("a response's errors", () => {
  it("keep the one shape of all errors", async () => {
    const tools = [{ type: "web_search" }];
    const response = await post({ model: "strict-tools", input: "x", tools });
    expect(response.status).toBe(422);
    const error = await readError(response);
    expect(error).toMatchObject({ type: "invalid_request_error", retryable: false });
    expect(error.message).toContain("tools[0]: a tool of type 'web_search'");
  });
});
