import type { Headrace } from "../../sdk/index.ts";
import { accent, bold, dim, print } from "../launcher/terminal.ts";
import { splitText } from "./passages.ts";
import { searchPassages, type Index } from "./search.ts";

const QUESTIONS = [
  "Why did we go to war in Vietnam?",
  "How did the Cold War end?",
  "How much less do women earn than men?",
  "How can we stop using so much foreign oil?",
  "How many Americans die of drug overdoses?",
];

/** Two lines of a narrow terminal, less the indent. */
const QUOTE_LENGTH = 146;
const LINE_LENGTH = 74;

/** Answers each question with the best passage's best sentence. */
export async function answerQuestions(client: Headrace, index: Index, signal: AbortSignal): Promise<void> {
  for (const question of QUESTIONS) {
    const [best] = await searchPassages(client, index, question, signal);
    if (best === undefined) continue;
    const { year, president, text } = best.passage;
    const quote = trimText(await findSentence(client, question, text, signal), QUOTE_LENGTH);
    print(`${accent("?")} ${bold(question)}`);
    for (const line of wrapText(`“${quote}”`, LINE_LENGTH)) print(`  ${line}`);
    print(dim(`  ${year} ${president} · relevance ${best.score.toFixed(3)}`));
    print();
  }
}

/** The sentence of a passage that the reranker puts first. */
async function findSentence(
  client: Headrace,
  query: string,
  passage: string,
  signal: AbortSignal,
): Promise<string> {
  const documents = [...splitText(passage, 1)];
  const { results } = await client.rerank({ model: "rerank", query, documents, top_n: 1 }, { signal });
  return documents[results[0]?.index ?? 0] ?? passage;
}

/** A text in at most `length` letters, cut between words. */
export function trimText(text: string, length: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= length) return line;
  return `${line.slice(0, length).replace(/\W*\s\S*$/, "")} …`;
}

/** A text in lines of at most `length` letters, where its words allow. */
export function wrapText(text: string, length: number): readonly string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines.splice(-1, 1, word);
    else if (line.length + 1 + word.length <= length) lines.splice(-1, 1, `${line} ${word}`);
    else lines.push(word);
  }
  return lines;
}
