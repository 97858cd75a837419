import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { API_KEY, findFact, readError, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
const openai = () => new OpenAI({ baseURL: `${app.gateway.url}/v1`, apiKey: API_KEY, maxRetries: 0 });
const messages = [{ role: "user" as const, content: "to the sea" }];
const tools = [
  {
    type: "function" as const,
    function: { name: "look_up", parameters: { type: "object", properties: { text: { type: "string" } } } },
  },
];

describe("Gemini behind the openai package", () => {
  it(
    "chats by Google's own API, with the key in its header",
    { meta: { provider: "google", odd: "API of its own" } },
    async () => {
      const answer = await openai().chat.completions.create({ model: "gemini", messages, max_tokens: 99 });
      expect(answer.choices[0]).toMatchObject({
        message: { role: "assistant", content: "echo: to the sea" },
        finish_reason: "stop",
      });
      expect(answer.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 });
      const [received] = await app.primary.requests();
      expect(received).toMatchObject({
        path: "/v1beta/models/gemini-3-flash-preview:generateContent",
        headers: { "x-goog-api-key": "AIza-gemini-secret" },
        body: {
          contents: [{ role: "user", parts: [{ text: "to the sea" }] }],
          generationConfig: { maxOutputTokens: 99 },
        },
      });
      expect(received?.headers).not.toHaveProperty("authorization");
    },
  );

  it("streams, thoughts first, with usage where it asks, and ends well", async () => {
    const stream = await openai().chat.completions.create({
      model: "gemini",
      messages,
      stream: true,
      stream_options: { include_usage: true },
      reasoning_effort: "low",
    });
    const chunks = await Array.fromAsync(stream);
    const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));
    expect(deltas[0]).toMatchObject({ role: "assistant", reasoning_content: "Thinking." });
    expect(deltas.map(({ content }) => content ?? "").join("")).toBe("echo: to the sea");
    expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(["stop"]);
    expect(chunks.at(-1)?.usage).toMatchObject({
      completion_tokens: 5,
      completion_tokens_details: { reasoning_tokens: 1 },
    });
  });

  it("ends a stream with [DONE], shows usage to none who did not ask, and notes it", async () => {
    const body = { model: "gemini", messages, stream: true };
    const response = await app.chat(body, { "x-request-id": "gemini-stream" });
    const text = await response.text();
    expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
    expect(text).not.toContain('"choices":[]');
    expect(await findFact(app.gateway, "answer", "gemini-stream")).toMatchObject({
      usage: { prompt_tokens: 3, completion_tokens: 4 },
      complete: true,
    });
  });

  it(
    "calls tools over several turns, giving back the signatures that Google insists on",
    { meta: { provider: "google", odd: "signatures of thoughts" } },
    async () => {
      const first = await openai().chat.completions.create({
        model: "gemini",
        messages,
        tools,
        tool_choice: "required",
      });
      const message = first.choices[0]?.message;
      expect(first.choices[0]?.finish_reason).toBe("tool_calls");
      const [call] = message?.tool_calls ?? [];
      expect(call).toMatchObject({ function: { name: "look_up", arguments: '{"text":"to the sea"}' } });
      if (!message || !call) throw new Error("no tool was called");
      const result = { role: "tool" as const, tool_call_id: call.id, content: "a long way" };
      await openai().chat.completions.create({
        model: "gemini",
        messages: [...messages, message, result],
        tools,
      });
      const received = (await app.primary.requests()).at(-1);
      expect(received?.body).toMatchObject({
        contents: [
          { role: "user" },
          {
            role: "model",
            parts: [{ functionCall: { id: call.id, name: "look_up" }, thoughtSignature: "c2lnbmF0dXJl" }],
          },
          {
            role: "user",
            parts: [{ functionResponse: { name: "look_up", response: { output: "a long way" } } }],
          },
        ],
      });
    },
  );

  it("goes on with a conversation whose calls were another model's", async () => {
    const call = { id: "call_1", type: "function" as const, function: { name: "look_up", arguments: "{}" } };
    const answer = await openai().chat.completions.create({
      model: "gemini",
      messages: [
        ...messages,
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: "call_1", content: "here" },
      ],
    });
    expect(answer.choices[0]?.finish_reason).toBe("stop");
  });

  it("streams tool calls", async () => {
    const body = {
      model: "gemini",
      messages,
      tools,
      tool_choice: "required" as const,
      stream: true as const,
    };
    const chunks = await Array.fromAsync(await openai().chat.completions.create(body));
    const calls = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(calls).toMatchObject([{ index: 0, id: "call_fAkE1d_0", function: { name: "look_up" } }]);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("tool_calls");
  });

  it("answers in OpenAI's other form, the Responses API, streamed to its own end", async () => {
    const stream = await openai().responses.create({ model: "gemini", input: "to the sea", stream: true });
    const events = await Array.fromAsync(stream);
    const last = events.at(-1);
    expect(last?.type).toBe("response.completed");
    expect(last?.type === "response.completed" && last.response.usage?.output_tokens).toBe(4);
  });

  it("learns of a stream that broke, which ends without [DONE]", async () => {
    await app.primary.fault({ kind: "cut", after: 1 });
    const text = await (await app.chat({ model: "gemini", messages, stream: true })).text();
    expect(text).toContain('"error"');
    expect(text).not.toContain("[DONE]");
  });

  it("embeds, packed and as numbers alike", async () => {
    const input = ["a mill", "a wheel"];
    const packed = await openai().embeddings.create({ model: "gemini-embed", input });
    const plain = await openai().embeddings.create({
      model: "gemini-embed",
      input,
      encoding_format: "float",
    });
    expect(packed.data).toHaveLength(2);
    for (const [index, { embedding }] of packed.data.entries()) {
      const other = plain.data[index]?.embedding ?? [];
      expect(embedding).toHaveLength(other.length);
      expect(Math.max(...embedding.map((value, at) => Math.abs(value - (other[at] ?? 9))))).toBeLessThan(
        1e-6,
      );
    }
  });
});

describe("Gemini's refusals", () => {
  const fail = (code: number, status: string, details: readonly object[] = []) =>
    app.primary.fault(
      {
        kind: "status",
        status: code,
        body: { error: { code, message: "Google's words.", status, details } },
      },
      { match: { path: "/v1beta/models/gemini-3-flash-preview:generateContent" } },
    );

  it(
    "reach the client where the client caused them, with Google's words",
    { meta: { provider: "google", odd: "errors of its own form" } },
    async () => {
      const response = await app.chat({ model: "gemini", messages, brand_new: 1 });
      expect(response.status).toBe(400);
      expect((await readError(response)).message).toContain('Unknown name "brand_new"');
    },
  );

  it("go to the next target where the gateway's key or place is at fault", async () => {
    for (const [status, details] of [
      [
        "INVALID_ARGUMENT",
        [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }],
      ],
      ["FAILED_PRECONDITION", []],
    ] as const) {
      await app.primary.reset();
      await fail(400, status, details);
      const response = await app.chat({ model: "gemini-fallback", messages });
      expect(response.status).toBe(200);
      expect(response.headers.get("x-headrace-target")).toBe("targets[1]=secondary/small");
      await response.text();
    }
  });

  it("say how long to wait", async () => {
    await fail(429, "RESOURCE_EXHAUSTED", [
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "33.2s" },
    ]);
    const response = await app.chat({ model: "gemini", messages });
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("34");
    await response.text();
  });

  it("keep a client's model from leading to another path", async () => {
    const response = await app.chat({ model: "gemini/../../v1/models?x=", messages: says("x") });
    expect(response.status).toBe(422);
    expect(await app.primary.requests()).toHaveLength(0);
  });
});

describe("Azure OpenAI", () => {
  it(
    "chats by the v1 API, with the deployment for a model and the key in its header",
    { meta: { provider: "azure-openai", odd: "deployments for models" } },
    async () => {
      const answer = await openai().chat.completions.create({ model: "azure", messages });
      expect(answer.choices[0]?.message.content).toBe("echo: to the sea");
      const [received] = await app.primary.requests();
      expect(received).toMatchObject({
        path: "/openai/v1/chat/completions",
        headers: { "api-key": "azure-secret" },
        body: { model: "my-deployment" },
      });
      expect(received?.headers).not.toHaveProperty("authorization");
    },
  );

  it(
    "streams by a dated API, with the deployment in the path",
    { meta: { provider: "azure-openai", odd: "dated API" } },
    async () => {
      const body = { model: "azure-dated", messages, stream: true as const };
      const chunks = await Array.fromAsync(await openai().chat.completions.create(body));
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe("echo: to the sea");
      const [received] = await app.primary.requests();
      expect(received?.path).toBe("/openai/deployments/my-deployment/chat/completions");
    },
  );

  it("embeds", async () => {
    const { data } = await openai().embeddings.create({ model: "azure-embed", input: "a mill" });
    expect(data).toHaveLength(1);
  });
});
