import { describe, expect, it } from "vitest";
import { parseRequest } from "../../../worker/domain/requests/parse-request.ts";
import { respellFields } from "../../../worker/domain/requests/respell-fields.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const embed = { model: "embed", input: ["a"] };
const rerank = { model: "rerank", query: "q", documents: ["a"] };

describe("a request in another API's form", () => {
  it("of Voyage's is read as ours", () => {
    expect(valueOf(parseRequest("embeddings", { ...embed, output_dimension: 256 }))).toEqual({
      ...embed,
      dimensions: 256,
    });
    expect(valueOf(parseRequest("rerank", { ...rerank, top_k: 3 }))).toEqual({ ...rerank, top_n: 3 });
    const unset = { top_k: null, truncation: true };
    expect(valueOf(parseRequest("rerank", { ...rerank, ...unset }))).toEqual(rerank);
    const none = { input_type: null, output_dtype: null, output_dimension: null, dimensions: null };
    expect(valueOf(parseRequest("embeddings", { ...embed, ...none }))).toEqual(embed);
  });

  it("of Jina's is read as ours", () => {
    const input = [{ text: "a" }, { text: "b" }];
    expect(valueOf(parseRequest("embeddings", { ...embed, input, embedding_type: "base64" }))).toEqual({
      model: "embed",
      input: ["a", "b"],
      encoding_format: "base64",
    });
    const asked = { ...embed, task: "retrieval.query", truncate: false };
    expect(valueOf(parseRequest("embeddings", asked))).toEqual({
      ...embed,
      input_type: "retrieval.query",
      truncation: false,
    });
  });

  it("is checked as any other", () => {
    expect(errorOf(parseRequest("embeddings", { ...embed, output_dimension: 0 })).param).toBe("dimensions");
    expect(errorOf(parseRequest("rerank", { ...rerank, top_k: -1 })).param).toBe("top_n");
  });

  it("counts by our names where it has both", () => {
    expect(respellFields("rerank", { ...rerank, top_k: 3, top_n: 5 })).toEqual({ ...rerank, top_n: 5 });
  });

  it.each([
    ["embeddings", { ...embed, embedding_type: "binary" }],
    ["embeddings", { ...embed, input: [{ text: "a" }, { image: "https://a.example/b.png" }] }],
    ["chat", { model: "chat", messages: [], top_k: 3 }],
    ["embeddings", { ...embed, task: "code.query" }],
    ["rerank", { ...rerank, truncation: false }],
    ["rerank", "text"],
  ] as const)("is left as it is where ours has nothing for it: %s %j", (task, body) => {
    expect(respellFields(task, body)).toBe(body);
  });
});
