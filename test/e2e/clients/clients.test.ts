import OpenAI, { AuthenticationError, BadRequestError, NotFoundError, RateLimitError } from "openai";
import { describe, expect, it } from "vitest";
import { Headrace, isHeadraceError } from "../../../sdk/index.ts";
import { API_KEY, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
const openai = (options = {}) =>
  new OpenAI({ baseURL: `${app.gateway.url}/v1`, apiKey: API_KEY, maxRetries: 0, ...options });
const headrace = (options = {}) =>
  new Headrace({ baseURL: app.gateway.url, apiKey: API_KEY, maxRetries: 0, ...options });

describe("the openai package, by its base URL", { meta: { client: "openai" } }, () => {
  it("chats", { meta: { shows: "text" } }, async () => {
    const answer = await openai().chat.completions.create({
      model: "chat",
      messages: [{ role: "user", content: "hi" }],
    });
    expect(answer.choices[0]?.message.content).toBe("echo: hi");
    expect(answer.usage?.prompt_tokens).toBe(1);
  });

  it("streams, with usage where it asks", { meta: { shows: ["streams", "usage"] } }, async () => {
    const stream = await openai().chat.completions.create({
      model: "chat",
      messages: [{ role: "user", content: "to the sea" }],
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await Array.fromAsync(stream);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("echo: to the sea");
    expect(chunks.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0);
  });

  it("calls tools", { meta: { shows: "tools" } }, async () => {
    const answer = await openai().chat.completions.create({
      model: "chat",
      messages: [{ role: "user", content: "x" }],
      tools: [{ type: "function", function: { name: "look_up", parameters: { type: "object" } } }],
      tool_choice: "required",
    });
    expect(answer.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: "look_up" } });
  });

  it(
    "embeds in the Worker and at a provider alike, packed and as numbers",
    { meta: { shows: "embeddings" } },
    async () => {
      for (const model of ["words", "embed"]) {
        const packed = await openai().embeddings.create({ model, input: ["a mill", "a wheel"] });
        const plain = await openai().embeddings.create({
          model,
          input: ["a mill", "a wheel"],
          encoding_format: "float",
        });
        expect(packed.data).toHaveLength(2);
        const pairs = packed.data.map(
          (each, index) => [each.embedding, plain.data[index]?.embedding ?? []] as const,
        );
        for (const [left, right] of pairs) {
          expect(left).toHaveLength(right.length);
          expect(Math.max(...left.map((value, at) => Math.abs(value - (right[at] ?? 9))))).toBeLessThan(1e-6);
        }
      }
    },
  );

  it("lists models and finds one", { meta: { shows: "models" } }, async () => {
    const ids = (await Array.fromAsync(openai().models.list())).map(({ id }) => id);
    expect(ids).toContain("words");
    expect((await openai().models.retrieve("words")).id).toBe("words");
  });

  it("throws its own error classes", { meta: { shows: "errors" } }, async () => {
    const chat = (client: OpenAI, model: string) =>
      client.chat.completions.create({ model, messages: [{ role: "user", content: "x" }] });
    await expect(chat(openai({ apiKey: "hr_test_wrong" }), "chat")).rejects.toBeInstanceOf(
      AuthenticationError,
    );
    await expect(chat(openai(), "nobody")).rejects.toBeInstanceOf(NotFoundError);
    await expect(openai().embeddings.create({ model: "embed", input: [] })).rejects.toBeInstanceOf(
      BadRequestError,
    );
    await app.primary.fault({ kind: "status", status: 429 });
    await expect(chat(openai(), "chat")).rejects.toBeInstanceOf(RateLimitError);
  });

  it(
    "repeats what may be repeated, and not what the gateway has repeated already",
    { meta: { shows: "retries" } },
    async () => {
      await app.primary.fault({ kind: "status", status: 503 }, { times: 1 });
      const once = await openai({ maxRetries: 1 }).embeddings.create({
        model: "embed",
        input: `retry ${Date.now()}`,
      });
      expect(once.data).toHaveLength(1);
      await Promise.all([app.primary.reset(), app.secondary.reset()]);
      await app.primary.fault({ kind: "status", status: 503 });
      await app.secondary.fault({ kind: "status", status: 503 });
      const client = openai({ maxRetries: 2 });
      const messages = [{ role: "user" as const, content: "x" }];
      await expect(client.chat.completions.create({ model: "fallback", messages })).rejects.toThrow();
      expect(await app.primary.requests()).toHaveLength(1);
    },
  );

  it("learns of a stream that broke", { meta: { shows: "broken streams" } }, async () => {
    await app.primary.fault({ kind: "cut", after: 2 });
    const messages = [{ role: "user" as const, content: "x y z" }];
    const stream = await openai().chat.completions.create({ model: "chat", messages, stream: true });
    await expect(Array.fromAsync(stream)).rejects.toThrow();
  });
});

describe("our SDK", { meta: { client: "headrace (Node)" } }, () => {
  it("embeds, and tells what the cache did", { meta: { shows: "embeddings" } }, async () => {
    const input = `sdk ${Date.now()}`;
    const first = await headrace().embed({ model: "words", input });
    expect(first.meta).toMatchObject({
      status: 200,
      route: "words",
      target: "targets[0]=embedded/words-en",
      costUsd: 0,
    });
    expect(first.meta.cache).toMatchObject({ hit: false, stored: true });
    const second = await headrace().embed({ model: "words", input });
    expect(second.meta.cache).toMatchObject({ hit: true, tier: "memory" });
    expect(second.data).toEqual(first.data);
  });

  it("reranks in the Worker and at a provider", { meta: { shows: "rerank" } }, async () => {
    for (const model of ["rerank-words", "rerank"]) {
      const documents = ["The moon is far.", "Water drives the wheel."];
      const { results } = await headrace().rerank({ model, query: "water wheel", documents, top_n: 1 });
      expect(results).toHaveLength(1);
      expect(results[0]?.index).toBe(1);
    }
  });

  it("classifies", { meta: { shows: "classify" } }, async () => {
    const { data } = await headrace().classify({
      model: "language",
      input: ["Guten Morgen allerseits", "Good morning all"],
    });
    expect(data.map(({ label }) => label)).toEqual(["de", "en"]);
  });

  it("streams a chat", { meta: { shows: ["text", "streams"] } }, async () => {
    const stream = await headrace().chat({ model: "chat", messages: says("down the race"), stream: true });
    const text = (await Array.fromAsync(stream))
      .map((chunk) => chunk.choices[0]?.delta.content ?? "")
      .join("");
    expect(text).toBe("echo: down the race");
    expect(stream.meta.target).toBe("targets[0]=primary/big");
  });

  it(
    "rejects with the gateway's code, and knows what may be repeated",
    { meta: { shows: "errors" } },
    async () => {
      const error = await headrace()
        .chat({ model: "unset", messages: says("x") })
        .catch((thrown: unknown) => thrown);
      expect(
        isHeadraceError(error) && { code: error.code, status: error.status, retryable: error.retryable },
      ).toEqual({
        code: "not_configured",
        status: 503,
        retryable: false,
      });
    },
  );

  it("repeats after a failure that passes", { meta: { shows: "retries" } }, async () => {
    await app.primary.fault({ kind: "status", status: 500 }, { times: 1 });
    const answer = await headrace({ maxRetries: 2 }).embed({ model: "embed", input: `again ${Date.now()}` });
    expect(answer.meta.retries).toBe(1);
  });
});
