import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { API_KEY, says, useDeployment } from "../deployment.ts";

const app = useDeployment();

describe("what a provider wants otherwise", () => {
  it("is done on the wire: roles, pictures in results of tools, choices without tools", async () => {
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,QUJD" } };
    const call = { id: "call_1", type: "function", function: { name: "look", arguments: "{}" } };
    const response = await app.chat({
      model: "uncached",
      messages: [
        { role: "developer", content: "Be brief" },
        ...says("look"),
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: "call_1", content: [{ type: "text", text: "a picture" }, image] },
      ],
      tools: [],
      tool_choice: "auto",
    });
    expect(response.status).toBe(200);
    const [received] = await app.primary.requests();
    expect(received?.body).toEqual({
      model: "big",
      messages: [
        { role: "system", content: "Be brief" },
        ...says("look"),
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: "call_1", content: "a picture" },
        { role: "user", content: [{ type: "text", text: "From the result of call_1:" }, image] },
      ],
    });
  });

  it("is done for what the Messages API asks of a server of chat", async () => {
    const source = { type: "base64", media_type: "image/png", data: "QUJD" };
    const response = await app.post("/v1/messages", {
      model: "uncached",
      max_tokens: 20,
      messages: [
        ...says("look"),
        { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "look", input: {} }] },
        {
          role: "user",
          content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "image", source }] }],
        },
      ],
      tools: [{ name: "look", input_schema: { type: "object" } }],
    });
    expect(response.status).toBe(200);
    const [received] = await app.primary.requests();
    expect(received?.body).toMatchObject({
      messages: [{ role: "user" }, { role: "assistant" }, { role: "tool" }, { role: "user" }],
    });
    expect(JSON.stringify(received?.body)).toContain("data:image/png;base64,QUJD");
  });

  it(
    "is done for more texts than Gemini embeds in a call: OpenAI's own client gets them all, in order",
    { meta: { provider: "google", odd: "max inputs" } },
    async () => {
      const client = new OpenAI({ baseURL: `${app.gateway.url}/v1`, apiKey: API_KEY, maxRetries: 0 });
      const input = Array.from({ length: 150 }, (_, index) => `text ${index}`);
      const { data } = await client.embeddings.create({ model: "gemini-embed", input });
      expect(data.map(({ index }) => index)).toEqual(input.map((_, index) => index));
      const received = await app.primary.requests();
      expect(received.map(({ body }) => (body as { requests: unknown[] }).requests.length)).toEqual([
        100, 50,
      ]);
      const last = await client.embeddings.create({ model: "gemini-embed", input: "text 149" });
      expect(data[149]?.embedding).toEqual(last.data[0]?.embedding);
    },
  );
});

describe("a request in the provider's own form", () => {
  it(
    "goes up as it came, its beta header too, and no other header of the client's",
    { meta: { provider: "anthropic", odd: "client headers" } },
    async () => {
      const body = {
        max_tokens: 20,
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "" },
              { type: "block_of_next_year", any: [1, null] },
            ],
          },
          { role: "assistant", content: "The answer is: " },
        ],
        context_management: { edits: [{ type: "clear_tool_uses_20250919" }] },
        tools: [{ type: "tool_of_next_year", name: "t" }],
        field_of_next_year: { a: 1 },
      };
      const response = await app.post(
        "/v1/messages?beta=true",
        { ...body, model: "claude" },
        { "anthropic-beta": "context-management-2025-06-27,other", "x-title": "T", cookie: "a=b" },
      );
      expect(response.status).toBe(200);
      const [received] = await app.primary.requests();
      expect(received?.body).toEqual({ ...body, model: "claude-opus-5-5" });
      expect(received?.headers).toMatchObject({
        "anthropic-beta": "context-management-2025-06-27,other",
        "x-api-key": "sk-ant-secret",
      });
      expect(JSON.stringify(received?.headers)).not.toMatch(/x-title|cookie|hr_test/);
    },
  );

  it(
    "goes up as it came to the Responses API",
    { meta: { provider: "openai", odd: "responses as they came" } },
    async () => {
      const body = {
        input: [
          { type: "item_of_next_year", any: 1 },
          { role: "developer", content: "Be brief" },
        ],
        field_of_next_year: [1],
      };
      await app.post("/v1/responses", { ...body, model: "native" }, { "openai-beta": "responses=v1" });
      const [received] = await app.primary.requests();
      expect(received?.body).toEqual({ ...body, model: "big" });
      expect(received?.headers["openai-beta"]).toBe("responses=v1");
    },
  );
});

describe("the answer to a request with betas", () => {
  it("is kept for requests with the same, and for no others", async () => {
    const body = { model: "claude", messages: says("kept by its betas"), temperature: 0 };
    const ask = async (beta?: string) => {
      const response = await app.chat(body, beta === undefined ? {} : { "anthropic-beta": beta });
      await response.text();
      return (await app.primary.requests()).length;
    };
    expect(await ask()).toBe(1);
    expect(await ask("one")).toBe(2);
    expect(await ask("two")).toBe(3);
    for (const again of [undefined, undefined, "one", "one", "two", undefined])
      expect(await ask(again)).toBe(3);
  });
});
