import { describe, expect, it } from "vitest";
import { httpTasks } from "../../../worker/contract/config/http-tasks.ts";
import type { TaskRequests } from "../../../worker/contract/requests.ts";
import type { Connection, HttpTask } from "../../../worker/domain/routing/adapter.ts";
import { RERANK_HEAD } from "../../../worker/domain/answers/shape-answer.ts";
import { createHttp } from "../../../worker/providers/http/adapter.ts";
import { findPlace } from "../../../worker/providers/http/find-place.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";
import { describeAdapter } from "./describe-adapter.ts";

const server = createHttp(
  httpTasks.parse({
    embeddings: { path: "/embed", extra: { truncate: true } },
    classify: { path: "/predict", outputs: "." },
    rerank: { path: "/rank", model: "model", query: "q", inputs: "passages", outputs: "data.scores" },
    chat: {
      path: "/generate",
      prompt: "inputs",
      output: "0.generated_text",
      extra: { parameters: { max_new_tokens: 64 } },
    },
  }),
);

describeAdapter("http", server);

type Task = "embeddings" | "classify" | "rerank" | "chat";
const adapterOf = <T extends Task>(task: T) => server[task] as unknown as HttpTask<T>;
const connection: Connection = { baseUrl: "http://127.0.0.1:9000", apiKey: undefined, headers: {} };
const answerOf = <T extends Task>(task: T, said: unknown, input: TaskRequests[T]) =>
  JSON.parse(valueOf(adapterOf(task).parseResponse(JSON.stringify(said), input)).body) as unknown;

describe("the http provider's embeddings", () => {
  const input = { model: "embed", input: ["a", "b"] };

  it("come in OpenAI's shape, under the name the client asked for", () => {
    expect(
      answerOf(
        "embeddings",
        {
          embeddings: [
            [1, 2],
            [3, 4],
          ],
        },
        input,
      ),
    ).toEqual({
      object: "list",
      model: "embed",
      data: [
        { object: "embedding", index: 0, embedding: [1, 2] },
        { object: "embedding", index: 1, embedding: [3, 4] },
      ],
    });
  });

  it("are packed where the client asks for base64, as OpenAI's own client does", () => {
    const packed = answerOf(
      "embeddings",
      { embeddings: [[1, -2]] },
      {
        model: "embed",
        input: "a",
        encoding_format: "base64",
      },
    ) as { data: { embedding: string }[] };
    const bytes = Buffer.from(packed.data[0]?.embedding ?? "", "base64");
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([1, -2]);
  });

  it.each([
    ["'input'", { model: "embed", input: [1, 2] }],
    ["'input'", { model: "embed", input: [[1], [2]] }],
    ["'input'", { model: "embed", input: ["a", { image: "QUJD" }] }],
    ["'dimensions'", { model: "embed", input: "a", dimensions: 2 }],
  ])("are refused, naming %s, where the server could not do as asked", (field, asked) => {
    const failed = errorOf(adapterOf("embeddings").buildRequest(asked, "m", connection));
    expect(failed).toMatchObject({
      kind: "invalid_input",
      message: expect.stringContaining(field) as string,
    });
  });
});

describe("the http provider's classify", () => {
  it("gives the best label of each input first", () => {
    const said = [
      [
        { label: "sad", score: 0.1 },
        { label: "glad", score: 0.9 },
      ],
    ];
    expect(answerOf("classify", said, { model: "mood", input: "Lovely." })).toEqual({
      object: "list",
      model: "mood",
      data: [
        {
          index: 0,
          label: "glad",
          score: 0.9,
          labels: [
            { label: "glad", score: 0.9 },
            { label: "sad", score: 0.1 },
          ],
        },
      ],
    });
  });
});

describe("the http provider's rerank", () => {
  it.each([
    { query: "q", documents: ["a", { image: "QUJD" }] },
    { query: { image: "QUJD" }, documents: ["a"] },
  ])("is refused where it is not of texts: %j", (asked) => {
    const failed = errorOf(adapterOf("rerank").buildRequest({ model: "rerank", ...asked }, "m", connection));
    expect(failed).toMatchObject({ kind: "invalid_input", message: "'query' and 'documents' must be text." });
  });

  const input = { model: "rerank", query: "q", documents: ["a", { text: "b" }, "c"] };

  it("puts the best first, gives as many as asked, and the documents", () => {
    const said = { data: { scores: [0.2, 0.9, 0.2] } };
    expect(answerOf("rerank", said, { ...input, top_n: 2, return_documents: true })).toEqual({
      ...RERANK_HEAD,
      model: "rerank",
      results: [
        { index: 1, relevance_score: 0.9, document: { text: "b" } },
        { index: 0, relevance_score: 0.2, document: { text: "a" } },
      ],
    });
  });

  it("takes no fewer scores than were asked for, and more", () => {
    const said = (...indices: number[]) => ({
      data: { scores: indices.map((index) => ({ index, score: index / 10 })) },
    });
    const read = (indices: number[], top_n: number) =>
      adapterOf("rerank").parseResponse(JSON.stringify(said(...indices)), { ...input, top_n });
    expect(read([2, 1], 2).ok).toBe(true);
    expect(read([0, 1, 2], 2).ok).toBe(true);
    expect(read([2], 2).ok).toBe(false);
  });
});

describe("the http provider's chat", () => {
  const says = (content: unknown) => ({ model: "chat", messages: [{ role: "user", content }] });

  it("comes as a completion", () => {
    expect(answerOf("chat", [{ generated_text: "Blue." }], says("Sky?"))).toMatchObject({
      object: "chat.completion",
      model: "chat",
      choices: [{ index: 0, message: { role: "assistant", content: "Blue." }, finish_reason: "stop" }],
    });
  });

  it.each([
    ["'stream'", { ...says("Sky?"), stream: true }],
    ["'tools'", { ...says("Sky?"), tools: [{ type: "function" }] }],
    ["'messages'", says([{ type: "image_url", image_url: { url: "https://a.example/b.png" } }])],
    ["'messages'", says(null)],
    ["'messages'", says([null])],
  ])("is refused, naming %s, where the server could not do as asked", (field, asked) => {
    const failed = errorOf(adapterOf("chat").buildRequest(asked, "m", connection));
    expect(failed).toMatchObject({
      kind: "invalid_input",
      message: expect.stringContaining(field) as string,
    });
  });
});

describe("the http provider's config", () => {
  it("offers the tasks it names and no others", () => {
    expect(Object.keys(createHttp(httpTasks.parse({ chat: { path: "/generate" } })))).toEqual(["chat"]);
  });

  it.each([
    ["no task", {}, "at least one task"],
    ["a task nobody knows", { poems: { path: "/p" } }, "poems"],
    ["a path without its slash", { chat: { path: "generate" } }, "begin with '/'"],
    ["a path to another host", { chat: { path: "@evil.example/" } }, "begin with '/'"],
    ["a place with an empty name", { chat: { path: "/", output: "a..b" } }, "'.' for the whole"],
    ["a request's field with a dot", { embeddings: { path: "/", inputs: "a.b" } }, "one field"],
    ["a field nobody knows", { rerank: { path: "/", texts: "t" } }, "texts"],
  ])("is refused with %s", (_, tasks, says) => {
    const parsed = httpTasks.safeParse(tasks);
    expect(JSON.stringify(parsed.error?.issues)).toContain(says);
  });
});

describe("findPlace", () => {
  const value = { data: [{ score: 1 }], empty: null };

  it.each<readonly [place: string, found: unknown]>([
    [".", value],
    ["data", value.data],
    ["data.0.score", 1],
    ["empty", null],
    ["empty.deeper", undefined],
    ["data.1", undefined],
    ["toString", undefined],
    ["__proto__", undefined],
    ["data.length.x", undefined],
  ])("finds at %j what stands there", (place, found) => {
    expect(findPlace(value, place)).toEqual(found);
  });
});
