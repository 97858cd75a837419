import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { openRequest } from "../../helpers/open-request.ts";
import { API_KEY, findFact, readError, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
const openai = () => new OpenAI({ baseURL: `${app.gateway.url}/v1`, apiKey: API_KEY, maxRetries: 0 });
const anthropic = () => new Anthropic({ baseURL: app.gateway.url, authToken: API_KEY, maxRetries: 0 });
const tool = (name: string) => ({
  type: "function" as const,
  function: { name, parameters: { type: "object", properties: { text: { type: "string" } } } },
});
const ask = (content: string) => [{ role: "user" as const, content }];
const streamed = (content: string, model = "claude") => ({ model, messages: says(content), stream: true });

describe("a chat with Claude", () => {
  it(
    "goes up as a message request, with the key and the version in Anthropic's headers",
    { meta: { provider: "anthropic", odd: "API of its own" } },
    async () => {
      const response = await app.chat({ model: "claude", messages: says("hello there"), temperature: 0.2 });
      expect(response.status).toBe(200);
      expect(response.headers.get("x-headrace-target")).toBe("targets[0]=claude/claude-opus-5-5");
      const [received] = await app.primary.requests();
      expect(received).toMatchObject({ path: "/v1/messages" });
      expect(received?.headers).toMatchObject({
        "x-api-key": "sk-ant-secret",
        "anthropic-version": "2023-06-01",
      });
      expect(received?.headers["authorization"]).toBeUndefined();
      expect(received?.body).toEqual({
        model: "claude-opus-5-5",
        max_tokens: 32_000,
        messages: says("hello there"),
      });
    },
  );

  it(
    "is answered as a chat completion, with all the input counted",
    { meta: { provider: "anthropic", odd: "cached input counted apart" } },
    async () => {
      const answer = await openai().chat.completions.create({ model: "claude", messages: ask("to the sea") });
      expect(answer.choices[0]).toMatchObject({
        finish_reason: "stop",
        message: { role: "assistant", content: "echo: to the sea" },
      });
      expect(answer.created).toBeGreaterThan(1_700_000_000);
      expect(answer.usage).toMatchObject({
        prompt_tokens: 8,
        completion_tokens: 4,
        prompt_tokens_details: { cached_tokens: 3, cache_write_tokens: 2 },
      });
    },
  );

  it("calls several tools at once, and goes on from their results", async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = ask("weather");
    const tools = [tool("look_up"), tool("measure")];
    const first = await openai().chat.completions.create({
      model: "claude",
      messages,
      tools,
      tool_choice: "required",
    });
    const [choice] = first.choices;
    expect(choice?.finish_reason).toBe("tool_calls");
    const calls = choice?.message.tool_calls ?? [];
    expect(calls).toMatchObject([
      { id: "toolu_0", type: "function", function: { name: "look_up", arguments: '{"text":"weather"}' } },
      { id: "toolu_1", type: "function", function: { name: "measure" } },
    ]);
    if (choice) messages.push(choice.message);
    for (const { id } of calls) messages.push({ role: "tool", tool_call_id: id, content: `${id} done.` });
    const second = await openai().chat.completions.create({ model: "claude", messages, tools });
    expect(second.choices[0]?.message.content).toBe("echo: toolu_0 done.toolu_1 done.");
  });

  it("is refused by the field's name where Anthropic has nothing like it, before any call", async () => {
    const response = await app.chat({ model: "claude", messages: says("x"), n: 2 });
    expect(response.status).toBe(422);
    expect((await readError(response)).message).toMatch(/^n: /);
    expect(await app.primary.requests()).toHaveLength(0);
  });

  it("goes to a target that can be asked, where Anthropic cannot", async () => {
    const response = await app.chat({ model: "claude-fallback", messages: says("x"), logprobs: true });
    expect(response.headers.get("x-headrace-target")).toBe("targets[1]=secondary/small");
  });

  it(
    "is refused in Anthropic's own words, in OpenAI's shape",
    { meta: { provider: "anthropic", odd: "errors of its own form" } },
    async () => {
      const response = await app.chat({ model: "claude", messages: says("x"), max_tokens: "many" });
      expect(response.status).toBe(400);
      expect(await readError(response)).toMatchObject({
        code: "invalid_request",
        message: "max_tokens: Field required",
        retryable: false,
      });
    },
  );

  it("goes to the next target when Anthropic is overloaded", async () => {
    await app.primary.fault({
      kind: "status",
      status: 529,
      body: { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
    });
    const response = await app.chat({ model: "claude-fallback", messages: says("help") });
    expect(response.headers.get("x-headrace-target")).toBe("targets[1]=secondary/small");
    expect(response.status).toBe(200);
  });

  it(
    "goes to the next target when the account has no credit, though that is a 400",
    { meta: { provider: "anthropic", odd: "no credit is a 400" } },
    async () => {
      const message = "Your credit balance is too low to access the Anthropic API.";
      await app.primary.fault({
        kind: "status",
        status: 400,
        body: { type: "error", error: { type: "invalid_request_error", message } },
      });
      const response = await app.chat({ model: "claude-fallback", messages: says("help") });
      expect(response.headers.get("x-headrace-target")).toBe("targets[1]=secondary/small");
      const alone = await app.chat({ model: "claude", messages: says("help") });
      expect(alone.status).toBe(502);
      expect(JSON.stringify(await readError(alone))).not.toContain("credit");
    },
  );

  it("is noted with what it used and cost", async () => {
    await app.chat({ model: "claude", messages: says("a b") }, { "x-request-id": "claude-used" });
    expect(await findFact(app.gateway, "answer", "claude-used")).toMatchObject({
      target: "targets[0]=claude/claude-opus-5-5",
      usage: { prompt_tokens: 7, completion_tokens: 3 },
      complete: true,
    });
  });
});

describe("a streamed chat with Claude", () => {
  it("arrives as chunks of a chat", async () => {
    const stream = await openai().chat.completions.create({
      model: "claude",
      messages: ask("to the grüne sea 😀"),
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await Array.fromAsync(stream);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "" });
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(
      "echo: to the grüne sea 😀",
    );
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 6 } });
  });

  it("assembles to parallel calls of tools in the client's own helper", async () => {
    const runner = openai().chat.completions.stream({
      model: "claude",
      messages: ask("weather"),
      tools: [tool("look_up"), tool("measure")],
      tool_choice: "required",
    });
    const { choices } = await runner.finalChatCompletion();
    expect(choices[0]?.message.tool_calls).toMatchObject([
      { id: "toolu_0", function: { name: "look_up", arguments: '{"text":"weather"}' } },
      { id: "toolu_1", function: { name: "measure", arguments: '{"text":"weather"}' } },
    ]);
  });

  it("holds nothing of Anthropic's own, and no usage for who did not ask for it", async () => {
    const text = await (await app.chat(streamed("quiet"))).text();
    expect(text).not.toMatch(/event:|message_start|content_block|ping|"choices":\[\]/);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("records what it used when it has ended", async () => {
    await (await app.chat(streamed("a b"), { "x-request-id": "claude-counted" })).text();
    expect(await findFact(app.gateway, "answer", "claude-counted")).toMatchObject({
      usage: { prompt_tokens: 7, completion_tokens: 3 },
      complete: true,
    });
  });

  for (const kind of ["cut", "reset", "garbage", "error-event"] as const) {
    it(`ends with an error event and without [DONE] when it breaks: ${kind}`, async () => {
      await app.primary.fault({ kind, after: 4 });
      const text = await (await app.chat(streamed("one two three", "claude-fallback"))).text();
      expect(text).toContain("echo:");
      expect(text).not.toContain("[DONE]");
      expect(JSON.parse((text.trimEnd().split("\n\n").at(-1) ?? "").replace("data: ", ""))).toMatchObject({
        error: { type: "api_error", retryable: true },
      });
      expect(await app.secondary.requests()).toHaveLength(0);
    });
  }

  it("goes to the next target when it breaks before its first block", async () => {
    await app.primary.fault({ kind: "error-event", after: 2 });
    const response = await app.chat(streamed("again", "claude-fallback"));
    expect(response.headers.get("x-headrace-target")).toBe("targets[1]=secondary/small");
    expect(await response.text()).toContain("[DONE]");
  });

  it("keeps characters whole that arrive in halves, and lines that end in CRLF", async () => {
    for (const kind of ["split-utf8", "crlf"] as const) {
      await app.primary.reset();
      await app.primary.fault({ kind });
      const text = await (await app.chat(streamed("grüße 😀 ok"))).text();
      expect(text).toContain("grüße");
      expect(text).toContain("😀");
      expect(text).toContain("[DONE]");
    }
  });

  it("arrives as it is made, and is cancelled when the client leaves", async () => {
    await app.primary.fault({ kind: "hang", after: 4 });
    const open = openRequest(`${app.gateway.url}/v1/chat/completions`, streamed("slow"), {
      authorization: `Bearer ${API_KEY}`,
    });
    expect(await open.waitForText("echo:")).not.toContain("[DONE]");
    open.leave();
    const [aborted] = await app.primary.waitUntilAborted();
    expect(aborted?.path).toBe("/v1/messages");
  });
});

describe("a message for Claude, from a client of Anthropic's API", () => {
  const message = { model: "claude", max_tokens: 64, messages: ask("to the sea") };

  it(
    "goes up and comes down as it is, with the target's model in it",
    { meta: { provider: "anthropic", odd: "messages as they came" } },
    async () => {
      const extra = { brand_new: { deep: [1, null] }, thinking: { type: "adaptive" as const } };
      const answer = await anthropic().messages.create({ ...message, ...extra });
      expect(answer).toMatchObject({
        type: "message",
        model: "claude-opus-5-5",
        content: [{ type: "text", text: "echo: to the sea" }],
        usage: { input_tokens: 3, cache_read_input_tokens: 3 },
      });
      const [received] = await app.primary.requests();
      expect(received?.body).toEqual({ ...message, ...extra, model: "claude-opus-5-5" });
      expect(received?.headers).toMatchObject({ "x-api-key": "sk-ant-secret" });
    },
  );

  it("streams its events under their names, and is noted with what it used", async () => {
    const headers = { "x-request-id": "claude-native" };
    const stream = anthropic().messages.stream(message, { headers });
    expect(await stream.finalText()).toBe("echo: to the sea");
    expect((await stream.finalMessage()).usage).toMatchObject({ output_tokens: 4 });
    expect(await findFact(app.gateway, "answer", "claude-native")).toMatchObject({
      usage: { prompt_tokens: 8, completion_tokens: 4 },
      complete: true,
    });
  });
});
