import { describe, expect, it } from "vitest";
import type { Task } from "../../../worker/contract/requests.ts";
import { parseRequest, writePath } from "../../../worker/domain/requests/parse-request.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const messages = [{ role: "user", content: "Hi" }];
const chat = { model: "chat", messages };
const embeddings = { model: "embed", input: "a text" };
const rerank = { model: "rerank", query: "q", documents: ["a", "b"] };
const classify = { model: "language", input: "a text" };

describe("parseRequest", () => {
  it.each<[Task, string, object]>([
    ["chat", "the least there is", chat],
    [
      "chat",
      "content of any kind",
      { ...chat, messages: [{ role: "user", content: [{ type: "image_url" }] }] },
    ],
    ["chat", "tool calls without content", { ...chat, messages: [{ role: "assistant", tool_calls: [] }] }],
    [
      "chat",
      "nulls for what is optional",
      { ...chat, stream: null, stream_options: null, temperature: null },
    ],
    ["chat", "a stream with its usage", { ...chat, stream: true, stream_options: { include_usage: true } }],
    ["embeddings", "a text", embeddings],
    ["embeddings", "an empty text", { ...embeddings, input: "" }],
    ["embeddings", "2048 texts", { ...embeddings, input: Array(2048).fill("x") }],
    ["embeddings", "tokens", { ...embeddings, input: [0, 15339, 1917] }],
    ["embeddings", "several lists of tokens", { ...embeddings, input: [[1, 2], [3]] }],
    ["embeddings", "base64 in fewer dimensions", { ...embeddings, encoding_format: "base64", dimensions: 8 }],
    ["embeddings", "texts and pictures", { ...embeddings, input: [{ text: "a" }, { image: "QUJD" }, "b"] }],
    ["rerank", "pictures", { ...rerank, query: { image: "QUJD" }, documents: [{ image: "QUJD" }, "b"] }],
    ["rerank", "texts", rerank],
    ["rerank", "documents with other fields", { ...rerank, documents: [{ text: "a", id: 7 }, "b"] }],
    ["rerank", "top_n and return_documents", { ...rerank, top_n: 1, return_documents: true }],
    ["classify", "a text", classify],
    ["classify", "texts", { ...classify, input: ["a", "b"] }],
  ])("takes for %s %s", (task, _, body) => {
    expect(valueOf(parseRequest(task, body))).toEqual(body);
  });

  it.each<[Task, object]>([
    ["chat", chat],
    ["embeddings", embeddings],
    ["rerank", rerank],
    ["classify", classify],
  ])("keeps fields of %s that nobody here knows, at every depth", (task, body) => {
    const unknown = { seed: 7, response_format: { type: "json_object" }, x_new: [null, { deep: "yes" }] };
    expect(valueOf(parseRequest(task, { ...body, ...unknown }))).toEqual({ ...body, ...unknown });
  });

  it("keeps unknown fields inside the objects it looks into", () => {
    const body = {
      ...chat,
      messages: [{ role: "user", content: "Hi", name: "Ada", cache_control: { type: "ephemeral" } }],
      stream_options: { include_usage: true, include_obfuscation: false },
    };
    expect(valueOf(parseRequest("chat", body))).toEqual(body);
  });
});

const longest = { model: "m".repeat(256), messages };

describe("parseRequest's refusals", () => {
  it.each<[task: Task, param: string, says: string, body: object]>([
    ["chat", "model", "string", { messages }],
    ["chat", "model", ">=1", { ...chat, model: "" }],
    ["chat", "model", "<=256", { ...longest, model: `${longest.model}m` }],
    ["chat", "model", "string", { ...chat, model: ["chat"] }],
    ["chat", "messages", "array", { model: "chat" }],
    ["chat", "messages", "array", { ...chat, messages: "Hi" }],
    ["chat", "messages", ">=1", { ...chat, messages: [] }],
    ["chat", "messages[1]", "object", { ...chat, messages: [...messages, "Hi"] }],
    ["chat", "messages[0].role", "string", { ...chat, messages: [{ content: "Hi" }] }],
    ["chat", "stream", "boolean", { ...chat, stream: "true" }],
    ["chat", "temperature", "number", { ...chat, temperature: "0" }],
    ["chat", "stream_options", "object", { ...chat, stream_options: true }],
    ["chat", "stream_options.include_usage", "boolean", { ...chat, stream_options: { include_usage: 1 } }],
    ["embeddings", "input", "<=2048", { ...embeddings, input: Array(2049).fill("x") }],
    ["embeddings", "input", "string or array", { ...embeddings, input: 5 }],
    ["embeddings", "encoding_format", '"float"|"base64"', { ...embeddings, encoding_format: "hex" }],
    ["embeddings", "dimensions", ">0", { ...embeddings, dimensions: 0 }],
    ["embeddings", "dimensions", "int", { ...embeddings, dimensions: 1.5 }],
    ["rerank", "query", "string", { ...rerank, query: ["q"] }],
    ["rerank", "documents", "array", { ...rerank, documents: "a" }],
    ["rerank", "documents", ">=1", { ...rerank, documents: [] }],
    ["rerank", "documents", "<=2048", { ...rerank, documents: Array(2049).fill("x") }],
    ["rerank", "top_n", ">0", { ...rerank, top_n: -1 }],
    ["rerank", "return_documents", "boolean", { ...rerank, return_documents: "no" }],
  ])("of %s name %s and say %s", (task, param, says, body) => {
    const error = errorOf(parseRequest(task, body));
    expect(error).toMatchObject({ code: "invalid_request", param });
    expect(error.message).toContain(`${param}: `);
    expect(error.message).toContain(says);
  });

  it.each([undefined, null, "text", 5, [chat]])("of a body that is no object (%j) name no field", (body) => {
    const error = errorOf(parseRequest("chat", body));
    expect(error.code).toBe("invalid_request");
    expect(error).not.toHaveProperty("param");
    expect(error.message).toContain("expected object");
  });

  it.each<[Task, unknown, string, string]>([
    ["embeddings", ["a", 1], "input[1]", "expected string"],
    ["embeddings", ["a", ["b"]], "input[1]", "expected string"],
    ["embeddings", [-1], "input[0]", ">=0"],
    [
      "embeddings",
      [
        [1, 2],
        [3, -4],
      ],
      "input[1][1]",
      ">=0",
    ],
    ["embeddings", [[1], ["a"]], "input[1][0]", "expected number"],
    ["embeddings", [[1], []], "input[1]", ">=1"],
    ["classify", ["a", null], "input[1]", "expected string"],
    ["classify", [], "input", ">=1"],
  ])("of %s with the input %j speak of the alternative that got furthest", (task, input, param, says) => {
    const error = errorOf(parseRequest(task, { model: "m", input }));
    expect(error.param).toBe(param);
    expect(error.message).toContain(says);
  });

  it("of a document that is neither a text nor an object name the document", () => {
    const error = errorOf(parseRequest("rerank", { ...rerank, documents: ["a", 7] }));
    expect(error.param).toBe("documents[1]");
  });

  it.each([undefined, null, 5, {}, []])(
    "of an input that is of no kind at all (%j) name the field",
    (input) => {
      expect(errorOf(parseRequest("embeddings", { model: "m", input })).param).toBe("input");
    },
  );
});

describe("writePath", () => {
  it.each([
    [[], ""],
    [["routes", "embed", "targets", 0, "model"], "routes.embed.targets[0].model"],
    [[0, "a"], "[0].a"],
    [["input", 1, 2], "input[1][2]"],
  ])("writes %j as %s", (path, text) => {
    expect(writePath(path)).toBe(text);
  });
});
