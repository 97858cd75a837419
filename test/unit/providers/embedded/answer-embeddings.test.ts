import { describe, expect, it } from "vitest";
import { embeddingsResponse } from "../../../../worker/contract/responses.ts";
import { answerTo, refusalOf } from "./ask-provider.ts";

type Input = Parameters<typeof refusalOf<"embeddings">>[2];

const embed = (input: Input) => answerTo(embeddingsResponse, "embeddings", "words-en", input);

function floatsOf(base64: unknown): number[] {
  const bytes = Uint8Array.from(atob(String(base64)), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(index * 4, true));
}

describe("embeddings by words-en", () => {
  it("answers a text in OpenAI's shape and counts its words", () => {
    const answer = embed({ input: "Where is my parcel?" });
    expect(answer).toMatchObject({
      object: "list",
      model: "words-en",
      data: [{ object: "embedding", index: 0 }],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    expect(answer.data[0]?.embedding).toHaveLength(100);
  });

  it("answers several texts in their order, each as it would be alone", () => {
    const texts = ["first text", "", "a third 🎈"];
    const together = embed({ input: texts }).data;
    expect(together.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(together.map(({ embedding }) => embedding)).toEqual(
      texts.map((input) => embed({ input }).data[0]?.embedding),
    );
  });

  it("packs the same numbers as base64 in little-endian 32-bit floats", () => {
    const input = "the quick brown fox";
    const plain = embed({ input, encoding_format: "float" }).data[0]?.embedding as number[];
    const packed = floatsOf(embed({ input, encoding_format: "base64" }).data[0]?.embedding);
    expect(packed).toEqual(plain.map(Math.fround));
  });

  it.each([1, 32, 99, 100])("gives %i dimensions at length 1", (dimensions) => {
    const vector = embed({ input: "a table for four", dimensions }).data[0]?.embedding as number[];
    expect(vector).toHaveLength(dimensions);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
  });

  it("refuses more dimensions than it has", () => {
    expect(refusalOf("embeddings", "words-en", { input: "x", dimensions: 101 })).toBe(
      "words-en has at most 100 dimensions, not 101.",
    );
  });

  it.each<Input>([{ input: [1, 2, 3] }, { input: [[1], [2, 3]] }])("refuses tokens: %j", (input) => {
    expect(refusalOf("embeddings", "words-en", input)).toContain("words-en embeds text");
  });

  it("refuses a model it does not have and names the one it has", () => {
    expect(refusalOf("embeddings", "words-fr", { input: "x" })).toBe(
      'The embedded provider has no model "words-fr" for this task; it has "words-en".',
    );
  });
});
