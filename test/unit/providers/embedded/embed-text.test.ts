import { describe, expect, it } from "vitest";
import { cosine, embedText, truncateVector } from "../../../../worker/providers/embedded/embed-text.ts";
import { rarityAt } from "../../../../worker/providers/embedded/rarity.ts";
import { parseWordVectors } from "../../../../worker/providers/embedded/word-vectors.ts";
import { findWord } from "../../../../worker/providers/embedded/word-index.ts";
import { readBytes, wordVectors } from "./read-models.ts";

const vectorOf = (text: string) => embedText(wordVectors, text).vector;
const similarity = (left: string, right: string) => cosine(vectorOf(left), vectorOf(right));
const lengthOf = (vector: Float64Array) => Math.sqrt(cosine(vector, vector));

describe("embedText", () => {
  it.each([
    ["empty", ""],
    ["blank", " \n\t"],
    ["punctuation", "?!… --"],
    ["one common word", "the"],
    ["an unknown word", "flumphistan"],
    ["emoji", "🎉👩‍👩‍👧‍👦"],
    ["a lone surrogate", "\ud800 broken"],
    ["Japanese", "最寄りの駅はどこですか"],
    ["Arabic", "أين أقرب محطة قطار؟"],
    ["combining marks", "cafe\u0301"],
  ])("gives a unit vector of finite numbers for %s", (_, text) => {
    const vector = vectorOf(text);
    expect(vector).toHaveLength(100);
    expect(vector.every(Number.isFinite)).toBe(true);
    expect(lengthOf(vector)).toBeCloseTo(1, 10);
  });

  it("gives the same vector for the same text", () => {
    expect(vectorOf("The cat sat on the mat 🐈")).toEqual(vectorOf("The cat sat on the mat 🐈"));
    expect(vectorOf("")).toEqual(vectorOf(""));
  });

  it.each([
    ["words", "the storm closed the mountain road ".repeat(3000)],
    ["one word without end", "x".repeat(100_000)],
    ["apostrophes", "n'".repeat(50_000)],
    ["emoji", "🎉".repeat(50_000)],
  ])("stays quick on 100 KB of %s", (_, text) => {
    const started = performance.now();
    expect(lengthOf(vectorOf(text))).toBeCloseTo(1, 10);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("the likeness of two texts", () => {
  it("ignores case, punctuation and the spelling of accents", () => {
    expect(similarity("HELLO, World!", "hello world")).toBeCloseTo(1, 10);
    expect(similarity("Zürich", "Zu\u0308rich")).toBeCloseTo(1, 10);
    expect(similarity("ｈｅｌｌｏ", "hello")).toBeCloseTo(1, 10);
  });

  it("takes a contraction for its first word", () => {
    expect(embedText(wordVectors, "Don't; it's O'Brien’s").words).toEqual(["do", "it", "o", "brien"]);
  });

  it("puts related words nearer than unrelated ones", () => {
    expect(similarity("cat", "dog")).toBeGreaterThan(similarity("cat", "senate") + 0.3);
  });

  it("puts texts that share an unknown name nearer than texts with different names", () => {
    const same = similarity("call Vrblyk tomorrow", "call Vrblyk today");
    expect(same).toBeGreaterThan(similarity("call Vrblyk tomorrow", "call Qusto today"));
  });

  it("puts similar texts in other scripts nearer than different ones", () => {
    const near = similarity("最寄りの駅はどこですか", "最寄りの駅はどこ");
    expect(near).toBeGreaterThan(similarity("最寄りの駅はどこですか", "おはようございます") + 0.3);
  });
});

describe("truncateVector", () => {
  it("keeps the first coordinates at length 1", () => {
    const vector = truncateVector(vectorOf("a short text"), 32);
    expect(vector).toHaveLength(32);
    expect(lengthOf(vector)).toBeCloseTo(1, 10);
  });
});

describe("parseWordVectors", () => {
  it("refuses bytes of another kind", () => {
    expect(() => parseWordVectors(new ArrayBuffer(64))).toThrow("not a word vector file");
  });

  it("refuses a version it does not know", () => {
    const bytes = readBytes("word-vectors.bin").slice(0);
    new DataView(bytes).setUint16(4, 99, true);
    expect(() => parseWordVectors(bytes)).toThrow("unknown word vector version");
  });
});

describe("rarityAt", () => {
  const rarityOf = (word: string, smoothing?: number) =>
    rarityAt(findWord(wordVectors.index, word), smoothing);

  it("weighs rare words above common ones", () => {
    expect(rarityOf("the")).toBeLessThan(0.05);
    expect(rarityOf("violin")).toBeGreaterThan(0.9);
    expect(rarityOf("flumphistan")).toBe(1);
  });

  it("weighs the words of a question next to nothing where it is told to be sharp", () => {
    expect(rarityOf("should", 1e-4)).toBeLessThan(0.3);
    expect(rarityOf("moon", 1e-4)).toBeGreaterThan(0.7);
  });
});
