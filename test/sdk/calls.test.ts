import { describe, expect, expectTypeOf, it } from "vitest";
import { Headrace } from "../../sdk/index.ts";
import type { ChatCompletion, ChatStream, WithMeta } from "../../sdk/index.ts";
import {
  chatParams,
  chunk,
  completion,
  done,
  embeddings,
  embedParams,
  events,
  json,
} from "./local-server.ts";
import { useLocalServer } from "./local-server.ts";
import { rejectionOf } from "./rejection.ts";

const server = useLocalServer();
const client = (): Headrace => new Headrace({ baseURL: server().url, apiKey: "k", maxRetries: 0 });

describe("the calls", () => {
  it("embed posts to /v1/embeddings and gives the body back", async () => {
    server().answer(json(200, embeddings));
    expect(await client().embed(embedParams)).toEqual(embeddings);
    expect(server().seen[0]).toMatchObject({ method: "POST", path: "/v1/embeddings" });
  });

  it("rerank posts to /v1/rerank and gives the body back", async () => {
    const body = { results: [{ index: 1, relevance_score: 0.9 }] };
    server().answer(json(200, body));
    expect(await client().rerank({ model: "rerank", query: "q", documents: ["a", "b"] })).toEqual(body);
    expect(server().seen[0]).toMatchObject({ method: "POST", path: "/v1/rerank" });
  });

  it("classify posts to /v1/classify and gives the body back", async () => {
    const best = { label: "positive", score: 0.9 };
    const body = { object: "list", model: "m", data: [{ index: 0, ...best, labels: [best] }] };
    server().answer(json(200, body));
    expect(await client().classify({ model: "classify", input: "fine" })).toEqual(body);
    expect(server().seen[0]).toMatchObject({ method: "POST", path: "/v1/classify" });
  });

  it("chat posts to /v1/chat/completions and gives the body back", async () => {
    server().answer(json(200, completion));
    expect(await client().chat(chatParams)).toEqual(completion);
    expect(server().seen[0]).toMatchObject({ method: "POST", path: "/v1/chat/completions" });
  });

  it("explain posts a request, as it is or with its task, to /v1/explain and gives the plan back", async () => {
    const plan = { object: "plan", targets: [], skipped: [] };
    for (const params of [chatParams, { task: "chat" as const, input: chatParams }]) {
      server().answer(json(200, plan));
      expect(await client().explain(params)).toEqual(plan);
      const { body = "", ...seen } = server().seen.at(-1) ?? {};
      expect(seen).toMatchObject({ method: "POST", path: "/v1/explain" });
      expect(JSON.parse(body)).toEqual(params);
    }
  });

  it("models gets /v1/models without a body", async () => {
    const body = {
      object: "list",
      data: [{ id: "chat", object: "model", created: 0, owned_by: "x", task: "chat" }],
    };
    server().answer(json(200, body));
    expect(await client().models()).toEqual(body);
    expect(server().seen[0]).toMatchObject({ method: "GET", path: "/v1/models", body: "" });
    expect(server().seen[0]?.headers["content-type"]).toBeUndefined();
  });

  it("sends fields it does not know as they are", async () => {
    server().answer(json(200, completion));
    const params = { ...chatParams, temperature: 0, some_new_field: { deep: ["é", 1e-7, null] } };
    await client().chat(params);
    expect(JSON.parse(server().seen[0]?.body ?? "")).toEqual(params);
  });

  it("types chat by its stream parameter", async () => {
    server().answer(json(200, completion), events(chunk("Hi"), done));
    const whole = await client().chat({ ...chatParams, stream: false });
    expectTypeOf(whole).toEqualTypeOf<WithMeta<ChatCompletion>>();
    const stream = await client().chat({ ...chatParams, stream: true });
    expectTypeOf(stream).toEqualTypeOf<ChatStream>();
    expect(await stream.text()).toBe("Hi");
  });
});

describe("an answer that is none", () => {
  it.each<[string, string]>([
    ["a page of HTML", "<html>login</html>"],
    ["an empty body", ""],
    ["broken JSON", '{"data":[1,'],
    ["a JSON array", "[]"],
    ["null", "null"],
    ["an object without its list", '{"data":{}}'],
  ])("is invalid_response for %s, and is not asked for again", async (_, body) => {
    server().answer((response) => response.writeHead(200, { "x-request-id": "req_1" }).end(body));
    const error = await rejectionOf(client().embed(embedParams, { maxRetries: 2 }));
    expect(error).toMatchObject({
      code: "invalid_response",
      status: 200,
      requestId: "req_1",
      retryable: false,
    });
    expect(server().seen).toHaveLength(1);
  });

  it("is invalid_response where a stream was asked for and JSON came", async () => {
    server().answer(json(200, completion));
    const error = await rejectionOf(client().chat({ ...chatParams, stream: true }));
    expect(error).toMatchObject({ code: "invalid_response", status: 200 });
  });
});
