import { describe, expect, it } from "vitest";
import type { ChatRequest } from "../../../worker/contract/requests.ts";
import type { Connection, HttpTask } from "../../../worker/domain/routing/adapter.ts";
import { RERANK_HEAD } from "../../../worker/domain/answers/shape-answer.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { valueOf } from "../unwrap-result.ts";
import { createEventReader, readEvent } from "../../../worker/providers/openai/read-event.ts";

const openai = createOpenai({});

const chat = openai.chat as HttpTask<"chat">;
const rerank = openai.rerank as HttpTask<"rerank">;
const connection: Connection = { baseUrl: "http://127.0.0.1:11434/v1", apiKey: undefined, headers: {} };
const input: ChatRequest = { model: "chat", messages: [{ role: "user", content: "Hi" }] };
const sent = (change: Partial<ChatRequest>) =>
  JSON.parse(valueOf(chat.buildRequest({ ...input, ...change }, "m", connection)).body) as Record<
    string,
    unknown
  >;

describe("the OpenAI adapter's requests", () => {
  it("authorize with the key, over whatever the config's headers say", () => {
    const keyed = {
      ...connection,
      apiKey: "sk-1",
      headers: { authorization: "Basic x", "content-type": "text/plain" },
    };
    expect(valueOf(chat.buildRequest(input, "m", keyed)).headers).toEqual({
      authorization: "Bearer sk-1",
      "content-type": "application/json",
    });
  });

  it("leave credentials to the config's headers where there is no key", () => {
    const own = { ...connection, headers: { authorization: "Basic x" } };
    expect(valueOf(chat.buildRequest(input, "m", own)).headers).toMatchObject({ authorization: "Basic x" });
  });

  it.each([undefined, null, false])("ask for usage in streams only, not where stream is %s", (stream) => {
    expect(sent(stream === undefined ? {} : { stream })).not.toHaveProperty("stream_options");
  });
});

describe("the OpenAI adapter's embeddings", () => {
  const embeddings = openai.embeddings as HttpTask<"embeddings">;
  const asked = { model: "embed", input: "a" };
  const floats =
    '{"object":"list","data":[{"index":0,"embedding":[0.5,-0.25,0.125,1]}],"usage":{"total_tokens":3}}';

  it("are packed where base64 was asked for and numbers came", () => {
    const answer = valueOf(embeddings.parseResponse(floats, { ...asked, encoding_format: "base64" }));
    const { data, object } = JSON.parse(answer.body) as { object: string; data: { embedding: string }[] };
    const bytes = Uint8Array.from(atob(data[0]?.embedding ?? ""), (each) => each.charCodeAt(0));
    expect(object).toBe("list");
    expect([...new Float32Array(bytes.buffer)]).toEqual([0.5, -0.25, 0.125, 1]);
    expect(answer.usage).toMatchObject({ prompt_tokens: 3 });
  });

  it("are left as they came where they are in the form that was asked for", () => {
    const packed = '{"data":[{"index":0,"embedding":"AAAAPw=="}]}';
    expect(valueOf(embeddings.parseResponse(packed, { ...asked, encoding_format: "base64" })).body).toBe(
      packed,
    );
    expect(valueOf(embeddings.parseResponse(floats, asked)).body).toBe(floats);
  });

  it("and rerank take pictures, which go up as they are", () => {
    const pictures = [{ text: "a mill" }, { image: "QUJD" }];
    const sentOf = (built: ReturnType<typeof rerank.buildRequest>) =>
      JSON.parse(valueOf(built).body) as object;
    const embedded = embeddings.buildRequest({ model: "e", input: pictures }, "m", connection);
    expect(sentOf(embedded)).toEqual({ model: "m", input: pictures });
    const query = { model: "r", query: { image: "QUJD" }, documents: pictures };
    expect(sentOf(rerank.buildRequest(query, "m", connection))).toEqual({ ...query, model: "m" });
  });
});

describe("the OpenAI adapter's reading of answers", () => {
  const query = { model: "rerank", query: "q", documents: ["a"] };

  it("takes null for a document that was not asked for", () => {
    const text = '{"id":"r","meta":{},"results":[{"index":0,"relevance_score":0.9,"document":null}]}';
    expect(rerank.parseResponse(text, query)).toMatchObject({ ok: true, value: { body: text } });
  });

  it("gives a document that came as a plain text in the shape of all, and leaves others as they are", () => {
    const results = [
      { index: 1, relevance_score: 0.9, document: "b" },
      { index: 0, relevance_score: 0.1, document: { text: "a" } },
      { index: 2, relevance_score: 0.1, document: { image: "QUJD" } },
    ];
    const answer = valueOf(
      rerank.parseResponse(JSON.stringify({ id: "r", meta: {}, results }), {
        ...query,
        documents: ["a", "b", "c"],
      }),
    );
    const { results: read } = JSON.parse(answer.body) as { results: object[] };
    expect(read).toEqual([{ ...results[0], document: { text: "b" } }, results[1], results[2]]);
  });

  it("gives a rerank the id and meta that Cohere's clients look for, and its own where it has them", () => {
    const results = [{ index: 0, relevance_score: 0.9 }];
    const read = (said: object) =>
      JSON.parse(valueOf(rerank.parseResponse(JSON.stringify({ ...said, results }), query)).body) as unknown;
    expect(read({})).toEqual({ ...RERANK_HEAD, results });
    expect(read({ id: "r", usage: { total_tokens: 1 } })).toMatchObject({ id: "r", meta: RERANK_HEAD.meta });
  });

  it("takes content in parts", () => {
    const message = { role: "assistant", content: [{ type: "text", text: "a" }] };
    const text = JSON.stringify({
      id: "c",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices: [{ index: 0, message, finish_reason: "stop" }],
    });
    const { body } = valueOf(chat.parseResponse(text, input));
    expect(JSON.parse(body)).toMatchObject({ choices: [{ message: { content: "a" } }] });
  });
});

describe("readEvent", () => {
  it.each([" ", "\r", "\t "])("does not mind %j at the end of the data", (blank) => {
    const data = `{"choices":[{"delta":{"content":"a"}}]}${blank}`;
    expect(readEvent({ name: undefined, data })).toEqual({ kind: "delta" });
    expect(readEvent({ name: undefined, data: `[DONE]${blank}` })).toEqual({ kind: "done" });
  });

  it.each([
    ["\ufeff", ""],
    [" \ufeff ", ""],
    ["", "\u00a0\r"],
    ["", "\v"],
  ])("leaves out what clients' parsers mind: %j before the data, %j behind", (before, behind) => {
    const read = createEventReader();
    const chunk = '{"choices":[{"delta":{"content":"a"}}]}';
    const emitted = (data: string) => read({ name: undefined, data: before + data + behind });
    expect(emitted(chunk)).toEqual({ kind: "delta", emit: `data: ${chunk}\n\n` });
    expect(emitted("[DONE]")).toEqual({ kind: "done", emit: "data: [DONE]\n\n" });
  });

  it("has nothing before [DONE], where clients look for it", () => {
    const read = createEventReader();
    read({ name: undefined, data: '{"choices":[{"delta":{"content":"a"}}]}' });
    const emit = "data: [DONE]\n\n";
    expect(read({ name: undefined, data: " [DONE]" })).toEqual({ kind: "done", emit });
    expect(read({ name: undefined, data: "[DONE] " })).toEqual({ kind: "done" });
  });

  it.each([
    ["null usage", '{"choices":[{"delta":{"content":"a"}}],"usage":null}'],
    ["a null error", '{"choices":[{"delta":{"content":"a"}}],"error":null}'],
    ["text about errors", JSON.stringify({ choices: [{ delta: { content: '{"error": 1, "usage": {' } }] })],
    ["usage deeper down", '{"choices":[{"delta":{"content":"a","usage":{"total_tokens":9}}}]}'],
    ["an error deeper down", '{"choices":[{"delta":{"content":"a"},"details":{"error":"none"}}]}'],
  ])("takes %s for text on its way", (_, data) => {
    expect(readEvent({ name: undefined, data })).toEqual({ kind: "delta" });
  });

  it.each([
    ["a text", '{"error":"boom"}', { status: 500, message: "boom" }],
    ["an object", '{"error":{"message":"boom","code":502}}', { status: 502, message: "boom" }],
    ["an object without words", '{"error":{}}', { status: 500 }],
    ["a number", '{"error":429}', { status: 429 }],
    [
      "in a choice",
      '{"choices":[{"error":{"message":"boom"},"finish_reason":"error"}]}',
      { status: 500, message: "boom" },
    ],
    ["a reason to finish", '{"choices":[{"delta":{},"finish_reason":"error"}]}', undefined],
  ])("tells of an error that is %s", (_, data, told) => {
    const event = readEvent({ name: undefined, data });
    expect(event).toMatchObject({ kind: "error", reason: "the answer ended with an error" });
    expect(event.kind === "error" && event.told).toEqual(told);
  });

  it.each([
    '{"usage": {"prompt_tokens":"many"}}',
    '{"usage": {"prompt_tokens":1}, "choices": 5}',
    '{"usage": {]}',
  ])("does not believe usage of another shape: %s", (data) => {
    expect(readEvent({ name: undefined, data }).kind).toBe("error");
  });

  it("knows usage that stands alone without choices, or with an empty list of them", () => {
    const usage = { prompt_tokens: 1, total_tokens: 3 };
    const mended = { emit: `data: ${JSON.stringify({ usage, choices: [] })}\n\n` };
    expect(readEvent({ name: undefined, data: JSON.stringify({ usage }) })).toEqual({
      kind: "usage",
      usage,
      only: true,
      ...mended,
    });
    expect(readEvent({ name: undefined, data: JSON.stringify({ choices: [], usage }) })).toEqual({
      kind: "usage",
      usage,
      only: true,
    });
    expect(readEvent({ name: undefined, data: JSON.stringify({ choices: [{ delta: {} }], usage }) })).toEqual(
      {
        kind: "usage",
        usage,
        only: false,
      },
    );
  });
});
