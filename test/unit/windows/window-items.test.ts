import { describe, expect, it } from "vitest";
import { buildGroupBody, mergeItems, readItems } from "../../../worker/domain/windows/window-items.ts";

const embed = (input: string | string[] | number[] | number[][], more = {}) =>
  readItems("embeddings", { model: "m", input, ...more });

describe("a request's items", () => {
  it("are its texts, or its tokens, with what they cost", () => {
    expect(embed("a mill race")).toMatchObject({ items: ["a mill race"], tokens: [3] });
    expect(embed(["abcd", "abcdefgh"])).toMatchObject({ items: ["abcd", "abcdefgh"], tokens: [1, 2] });
    expect(embed([1, 2, 3])).toMatchObject({ items: [[1, 2, 3]], tokens: [3] });
    expect(embed([[1], [2, 3]])).toMatchObject({ items: [[1], [2, 3]], tokens: [1, 2] });
    expect(embed("")).toMatchObject({ items: [""], tokens: [1] });
  });

  it("are not those of what is no list of texts", () => {
    const parts = [{ type: "image_url", image_url: { url: "https://a.example/a.png" } }];
    expect(readItems("moderations", { model: "m", input: parts })).toBeUndefined();
  });

  it("are asked with all that can change the answer, and with nothing that cannot", () => {
    const plain = embed("x")?.parameters;
    for (const inert of [{ user: "42" }, { metadata: { a: "b" } }, { model: "other" }]) {
      expect(embed("other", inert)?.parameters).toEqual(plain);
    }
    for (const other of [{ dimensions: 8 }, { encoding_format: "base64" }, { unheard_of: null }]) {
      expect(embed("x", other)?.parameters).not.toEqual(plain);
    }
    // A provider takes texts or tokens, not both in one list.
    expect(embed([1])?.parameters).not.toEqual(plain);
  });
});

describe("merging", () => {
  it("asks for each item once, and assigns it to its requests", () => {
    expect(mergeItems([["a", "b"], ["b"], ["c", "a", "c"]])).toEqual({
      items: ["a", "b", "c"],
      places: [[0, 1], [1], [2, 0, 2]],
    });
  });

  it("does not take tokens for the text that looks like them", () => {
    expect(mergeItems([["1,2"], [[1, 2]], [[12]]]).items).toEqual(["1,2", [1, 2], [12]]);
  });

  it("asks as each of them asked", () => {
    const body = { model: "m", input: "a", dimensions: 8, user: "42" };
    expect(buildGroupBody("embeddings", body, ["a", "b"])).toEqual({ ...body, input: ["a", "b"] });
  });
});
