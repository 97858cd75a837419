import { describe, expect, it } from "vitest";
import { splitAnswer } from "../../../worker/domain/windows/split-answer.ts";

const usage = { prompt_tokens: 6, total_tokens: 6 };
const answer = (data: readonly object[]) => ({
  body: JSON.stringify({ object: "list", model: "m", data, usage }),
  usage,
});
const vector = (index: number) => ({ object: "embedding", index, embedding: [index, 0.5] });
const shares = [
  { places: [0, 1], tokens: 4 },
  { places: [2], tokens: 2 },
];
const split = (data: readonly object[]) =>
  splitAnswer("embeddings", answer(data), 3, shares).map((part) =>
    part.ok
      ? (JSON.parse(part.value.body) as { data: { index: number; embedding: number[] }[] })
      : part.error,
  );

describe("an answer for several", () => {
  it("is divided into what each request would have had alone", () => {
    const parts = splitAnswer("embeddings", answer([0, 1, 2].map(vector)), 3, shares);
    expect(parts.map((part) => (part.ok ? part.value.usage : part))).toEqual([
      { prompt_tokens: 4, total_tokens: 4 },
      { prompt_tokens: 2, total_tokens: 2 },
    ]);
    const [, second] = parts;
    expect(second?.ok && JSON.parse(second.value.body)).toEqual({
      object: "list",
      model: "m",
      data: [{ object: "embedding", index: 0, embedding: [2, 0.5] }],
      usage: { prompt_tokens: 2, total_tokens: 2 },
    });
  });

  it("is divided by index, in whatever order it came", () => {
    expect(split([2, 0, 1].map(vector))).toEqual(split([0, 1, 2].map(vector)));
  });

  it("that is short fails only those it lacks", () => {
    expect(split([vector(2)])).toEqual([
      "the shared answer lacks an item",
      expect.objectContaining({ data: [{ object: "embedding", index: 0, embedding: [2, 0.5] }] }),
    ]);
  });

  it("that has an item twice, or one that was not asked for, gives no request the item of another", () => {
    const [first, second] = split([0, 1, 2, 2, 7].map(vector));
    expect([typeof first, second]).toEqual(["object", "the shared answer lacks an item"]);
  });

  it("without indices goes by order, and only where none is missing", () => {
    const plain = (value: number) => ({ embedding: [value] });
    const whole = split([0, 1, 2].map(plain));
    expect(whole.map((part) => (part as { data: unknown }).data)).toEqual([
      [{ embedding: [0] }, { embedding: [1] }],
      [{ embedding: [2] }],
    ]);
    expect(split([0, 1].map(plain)).every((part) => typeof part === "string")).toBe(true);
  });

  it("of moderations is a list of results", () => {
    const results = [{ flagged: true }, { flagged: false }, { flagged: false }];
    const body = JSON.stringify({ id: "modr-1", model: "m", results });
    const parts = splitAnswer("moderations", { body, usage: null }, 3, shares);
    expect(parts.map((part) => part.ok && JSON.parse(part.value.body))).toEqual([
      { id: "modr-1", model: "m", results: results.slice(0, 2) },
      { id: "modr-1", model: "m", results: results.slice(2) },
    ]);
  });
});
