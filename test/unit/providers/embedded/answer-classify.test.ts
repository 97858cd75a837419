import { eld } from "eld/extrasmall";
import { describe, expect, it } from "vitest";
import { classifyResponse } from "../../../../worker/contract/responses.ts";
import { detectLanguage } from "../../../../worker/providers/embedded/detect-language.ts";
import { parseLanguageProfiles } from "../../../../worker/providers/embedded/language-profiles.ts";
import { answerTo, refusalOf } from "./ask-provider.ts";
import { languageProfiles } from "./read-models.ts";

const classify = (model: string, input: string | string[]) =>
  answerTo(classifyResponse, "classify", model, { input });
const labelOf = (model: string, text: string) => classify(model, text).data[0]?.label;
const sumOf = (scores: readonly { score: number }[]) => scores.reduce((sum, { score }) => sum + score, 0);

const SENTENCES: readonly (readonly [string, string])[] = [
  ["en", "The committee will meet again next Thursday to decide."],
  ["de", "Die Kinder spielen seit heute Morgen im Garten hinter dem Haus."],
  ["fr", "Nous avons mangé une excellente soupe hier soir."],
  ["es", "Mañana iremos a la playa con nuestros amigos."],
  ["pt", "Não sei onde deixei as chaves do carro ontem à noite."],
  ["it", "Ho comprato un libro per mia sorella e una sciarpa per te."],
  ["nl", "Het regent al de hele week en ik heb geen paraplu."],
  ["sv", "Jag skulle vilja boka ett bord för fyra personer ikväll."],
  ["pl", "Wczoraj wieczorem oglądaliśmy bardzo ciekawy film."],
  ["fi", "Huomenna menemme mökille järven rannalle."],
  ["tr", "Bu akşam arkadaşlarımla sinemaya gideceğim."],
  ["ru", "Вчера мы ходили в театр всей семьёй."],
  ["uk", "Сьогодні дуже гарна погода, ходімо до парку."],
  ["el", "Το βιβλίο που διαβάζω είναι πολύ ενδιαφέρον."],
  ["ar", "ذهبت إلى السوق لشراء الخضروات والفواكه."],
  ["he", "אני לומד עברית כבר שנתיים."],
  ["hi", "मुझे कल दिल्ली जाना है और टिकट नहीं मिला।"],
  ["ja", "来週の会議の資料を送ってください。"],
  ["zh", "我们明天早上去爬山，你想一起来吗？"],
  ["ko", "내일 저녁에 같이 식사할 수 있을까요?"],
];

describe("classify by language", () => {
  it.each(SENTENCES)("tells %s: %s", (code, text) => {
    const [best] = classify("language", text).data;
    expect(best?.label).toBe(code);
    expect(best?.labels[0]).toEqual({ label: code, score: best?.score });
    expect(Math.abs(1 - sumOf(best?.labels ?? []))).toBeLessThan(0.02);
  });

  it.each(SENTENCES)("agrees with the library it is a port of, on %s: %s", (_, text) => {
    for (const part of [text, text.slice(0, 25), text.repeat(30), text.toUpperCase()]) {
      expect(detectLanguage(languageProfiles, part)[0]?.label).toBe(eld.detect(part).language);
    }
  });

  it.each(["", "12345 !?", "🎉"])("calls %j undetermined", (text) => {
    expect(labelOf("language", text)).toBe("und");
  });

  it("puts the best label first", () => {
    const scores = classify("language", "factura").data[0]?.labels.map(({ score }) => score) ?? [];
    expect(scores.length).toBeGreaterThan(1);
    expect(scores).toEqual(scores.toSorted((left, right) => right - left));
  });

  it("refuses bytes that are not its profiles", () => {
    expect(() => parseLanguageProfiles(new ArrayBuffer(64))).toThrow("not a language profile file");
  });
});

describe("classify by sentiment", () => {
  it.each([
    ["positive", "I love this phone, the screen is wonderful!"],
    ["negative", "Horrible service, the waiter was rude and the food was disgusting."],
    ["negative", "This is not good."],
    ["neutral", "The train leaves at noon from platform four."],
    ["neutral", ""],
    ["neutral", "🚂"],
  ])("calls %s: %s", (label, text) => {
    const [rated] = classify("sentiment", text).data;
    expect(rated?.label).toBe(label);
    expect(rated?.score).toBeGreaterThanOrEqual(0.5);
    expect(sumOf(rated?.labels ?? [])).toBeCloseTo(1, 3);
  });

  it.each([
    ["100 KB of contrasts", "good but bad ".repeat(8000)],
    ["a word of 100,000 capitals", `${"A".repeat(100_000)}a`],
    ["many long words in capitals", `${"A".repeat(60)}a `.repeat(2000)],
  ])("stays quick on %s", (_, text) => {
    const started = performance.now();
    labelOf("sentiment", text);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("classify", () => {
  it("answers several texts in their order and counts their words", () => {
    const answer = classify("sentiment", ["great stuff", "awful stuff here"]);
    expect(answer.data.map(({ index, label }) => [index, label])).toEqual([
      [0, "positive"],
      [1, "negative"],
    ]);
    expect(answer.usage).toEqual({ prompt_tokens: 5, total_tokens: 5 });
  });

  it("refuses texts that are together more than it reads at once, and says how much that is", () => {
    const texts = Array.from({ length: 64 }, () => "good ".repeat(800));
    expect(refusalOf("classify", "sentiment", { input: texts })).toBe(
      '"sentiment" reads at most 250000 characters a request, and this has 256000; send fewer texts.',
    );
    expect(classify("language", texts).data).toHaveLength(64);
    expect(refusalOf("classify", "language", { input: "x".repeat(1_000_001) })).toContain("at most 1000000");
    expect(refusalOf("embeddings", "words-en", { input: "x".repeat(1_000_001) })).toContain(
      "at most 1000000",
    );
    const documents = ["x".repeat(600_000), "x".repeat(400_000)];
    expect(refusalOf("rerank", "words-en", { query: "x", documents })).toContain("at most 1000000");
  });

  it("refuses a model it does not have and names those it has", () => {
    expect(refusalOf("classify", "toxicity", { input: "x" })).toBe(
      'The embedded provider has no model "toxicity" for this task; it has "language" and "sentiment".',
    );
  });
});
