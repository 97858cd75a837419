import { describe, expect, it } from "vitest";
import { readError, useDeployment } from "../deployment.ts";

const app = useDeployment();

interface Embedded {
  readonly id: string;
  readonly embeddings: { readonly float?: number[][]; readonly base64?: string[] };
  readonly texts: readonly string[];
  readonly meta: object;
}
const embed = async (body: object): Promise<Embedded> => {
  const response = await app.post("/v2/embed", { model: "words", input_type: "search_query", ...body });
  expect(response.status).toBe(200);
  return (await response.json()) as Embedded;
};

describe("Cohere's clients", { meta: { client: "cohere" } }, () => {
  it("rerank, and find the id and meta that they look for", { meta: { shows: "rerank" } }, async () => {
    const body = { model: "rerank-words", query: "the moon", documents: ["tax", "the moon"], top_n: 1 };
    const response = await app.post("/v2/rerank", body);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      id: expect.stringMatching(/./) as string,
      results: [{ index: 1, relevance_score: expect.any(Number) as number }],
      meta: { api_version: { version: "2" } },
    });
  });

  it("embed, in each of the types that they name", { meta: { shows: "embeddings" } }, async () => {
    const texts = ["a mill race", "a head of water"];
    const own = (await (await app.embed({ model: "words", input: texts })).json()) as {
      data: { embedding: number[] }[];
    };
    const answer = await embed({ texts, embedding_types: ["float", "base64"] });
    expect(answer).toMatchObject({ response_type: "embeddings_by_type", texts, meta: { billed_units: {} } });
    expect(answer.embeddings.float).toEqual(own.data.map(({ embedding }) => embedding));
    const bytes = Buffer.from(answer.embeddings.base64?.[1] ?? "", "base64");
    expect(bytes.readFloatLE(0)).toBeCloseTo(answer.embeddings.float?.[1]?.[0] ?? NaN, 6);
  });

  it("embed by the first version, which gives bare vectors where no types are named", async () => {
    const texts = ["a mill race"];
    const ask = async (more: object) =>
      (await (await app.post("/v1/embed", { model: "words", texts, ...more })).json()) as object;
    const bare = await ask({ input_type: "search_query", truncate: "END" });
    expect(bare).toMatchObject({
      response_type: "embeddings_floats",
      embeddings: [expect.any(Array) as unknown],
      texts,
      meta: { api_version: { version: "1" } },
    });
    expect(await ask({ embedding_types: ["float"] })).toMatchObject({
      response_type: "embeddings_by_type",
      embeddings: { float: [expect.any(Array) as unknown] },
    });
  });

  it("embed where a provider knows neither what a text is for nor how to cut it", async () => {
    const body = { model: "embed", texts: ["unheard of"], input_type: "search_document" };
    expect((await app.post("/v2/embed", body)).status).toBe(200);
    const [request] = await app.primary.requests();
    expect(request?.body).toEqual({ model: "big", input: ["unheard of"], encoding_format: "float" });
  });

  it("embed inputs that are parts of text, with as many dimensions as they ask for", async () => {
    const inputs = [{ content: [{ type: "text", text: "a mill race" }] }];
    const { embeddings, texts } = await embed({ inputs, output_dimension: 8 });
    expect([texts, embeddings.float?.[0]?.length]).toEqual([["a mill race"], 8]);
  });

  it.each([
    [{ model: "words" }, "texts"],
    [{ model: "words", texts: ["a"], embedding_types: ["int8"] }, "embedding_types"],
    [{ texts: ["a"] }, "model"],
  ])("hear what is wrong with %j", async (body, field) => {
    const response = await app.post("/v2/embed", body);
    expect(response.status).toBe(400);
    expect((await readError(response)).param).toContain(field);
  });
});

describe("Voyage's clients", () => {
  const body = { query: "the moon", documents: ["tax", "the moon"], return_documents: true };
  const ask = async (more: object) =>
    (await (await app.post("/v1/rerank", { model: "rerank-words", ...body, ...more })).json()) as object;

  it("find the best documents where they look for them", async () => {
    // As voyageai's Python client sends it, which names what is not set.
    for (const more of [{ top_k: null, truncation: true }, { top_k: 2 }]) {
      expect(await ask(more)).toMatchObject({
        object: "list",
        data: [
          { index: 1, document: "the moon" },
          { index: 0, document: "tax" },
        ],
        usage: { total_tokens: expect.any(Number) as number },
      });
    }
    const one = { data: [{ index: 1 }] };
    expect(await ask({ top_k: 1 })).toMatchObject(one);
    expect(await ask({ top_n: 1 })).toMatchObject({ results: one.data });
  });

  it("embed with fields that are not set", async () => {
    const none = { input_type: null, output_dtype: null, output_dimension: null };
    const response = await app.embed({
      model: "embed",
      input: ["a race"],
      ...none,
      encoding_format: "base64",
    });
    expect(response.status).toBe(200);
    const [request] = await app.primary.requests();
    expect(request?.body).toEqual({ model: "big", input: ["a race"], encoding_format: "base64" });
  });
});

describe("a request that needs no model with OpenAI", () => {
  it("goes to the only route of its task", async () => {
    await app.post("/v1/images/generations", { prompt: "a mill" });
    const [request] = await app.primary.requests();
    expect(request).toMatchObject({ path: "/v1/images/generations", body: { model: "big" } });
  });

  it("is told which models there are where there are several", async () => {
    const response = await app.post("/v1/moderations", { input: "hello" });
    expect(response.status).toBe(400);
    expect(await readError(response)).toMatchObject({
      param: "model",
      message: "model: send one of moderate-shared, moderate",
    });
  });
});
