import { describe, expect, it } from "vitest";
import { rerankResponse } from "../../../../worker/contract/responses.ts";
import { answerTo, refusalOf } from "./ask-provider.ts";

type Input = Parameters<typeof refusalOf<"rerank">>[2];

const rerank = (input: Input) => answerTo(rerankResponse, "rerank", "words-en", input);
const orderOf = (input: Input) => rerank(input).results.map(({ index }) => index);

const query = "How do I reset my password?";
const documents = [
  "The museum is closed on Mondays.",
  "Choose a new password on the account page if you forgot the old one.",
  "Our login page asks for your user name.",
];

describe("rerank by words-en", () => {
  it("puts the most relevant first, with scores from 0 to 1", () => {
    const { results } = rerank({ query, documents });
    expect(results.map(({ index }) => index)).toEqual([1, 2, 0]);
    expect(results.every(({ relevance_score: score }) => score >= 0 && score <= 1)).toBe(true);
    expect(results[0]?.relevance_score).toBeGreaterThan(0.5);
    expect(results[2]?.relevance_score).toBeLessThan(0.1);
  });

  it("finds names and codes that it has no meaning for", () => {
    const codes = ["Code E2210: the licence has expired.", "Code E4012: the file could not be read."];
    expect(orderOf({ query: "error E4012", documents: codes })[0]).toBe(1);
  });

  it("tells long passages apart by what a question asks for, not by the words it is asked in", () => {
    const filler =
      "why we should do it, and what it is that we have to go to, is for all of us to say; ".repeat(6);
    const passages = Array.from({ length: 19 }, (_, at) => `${filler} That is point ${at} of this report.`);
    const astronauts = `${filler} In ten years our astronauts will land on the moon.`;
    const { results } = rerank({
      query: "Why should we go to the moon?",
      documents: [...passages, astronauts],
    });
    const scores = results.map(({ relevance_score: score }) => score);
    expect(results[0]?.index).toBe(19);
    expect(scores[0]).toBeLessThan(0.99);
    expect(scores[1]).toBeLessThan((scores[0] ?? 0) / 2);
  });

  it("knows a query of function words where it stands", () => {
    const input = {
      query: "to be or not to be",
      documents: ["The king is dead.", "To be, or not to be: that is it."],
    };
    expect(orderOf(input)).toEqual([1, 0]);
  });

  it("answers no more than top_n", () => {
    expect(orderOf({ query, documents, top_n: 2 })).toEqual([1, 2]);
    expect(orderOf({ query, documents, top_n: 99 })).toHaveLength(3);
  });

  it("keeps equal documents in the order they came", () => {
    expect(orderOf({ query, documents: ["same", "same", documents[1] ?? "", "same"] })).toEqual([2, 0, 1, 3]);
  });

  it("returns documents only when asked, as objects with all they had", () => {
    const input = { query, documents: [documents[0] ?? "", { text: documents[1] ?? "", id: 7 }] };
    expect(rerank(input).results[0]).not.toHaveProperty("document");
    const { results } = rerank({ ...input, return_documents: true });
    expect(results[0]?.document).toEqual({ text: documents[1], id: 7 });
    expect(results[1]?.document).toEqual({ text: documents[0] });
  });

  it("counts the words of the query and of the documents", () => {
    expect(rerank({ query: "two words", documents: ["and three more"] }).usage).toEqual({
      prompt_tokens: 5,
      total_tokens: 5,
    });
  });

  it("answers an empty query and empty documents", () => {
    expect(orderOf({ query: "", documents: ["", "text"] })).toEqual([0, 1]);
  });

  it("refuses pictures", () => {
    expect(refusalOf("rerank", "words-en", { query, documents: ["a", { image: "QUJD" }] })).toContain(
      "texts",
    );
    expect(refusalOf("rerank", "words-en", { query: { image: "QUJD" }, documents })).toContain("texts");
  });

  it("refuses a model it does not have and names the one it has", () => {
    expect(refusalOf("rerank", "bge", { query, documents })).toContain('it has "words-en"');
  });
});
