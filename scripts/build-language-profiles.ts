import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import * as format from "../worker/providers/embedded/language-profiles.ts";

/**
 * Makes worker/providers/embedded/language-profiles.bin from the `extrasmall` table of the npm package
 * eld: as JavaScript that table costs 70 ms of a Worker's start, as bytes it costs nothing.
 *
 *   node scripts/build-language-profiles.ts
 */
const OUTPUT = "worker/providers/embedded/language-profiles.bin";

interface Gram {
  readonly place: number;
  readonly key: number;
  /** Language indices and their scores. */
  readonly scores: readonly (readonly [number, number])[];
}

/** Neither file is among the package's exports, so they are read by their paths. */
const eld = new URL("../node_modules/eld/src/", import.meta.url);
const { dictionary } = (await import(new URL("dictionary.js", eld).href)) as {
  readonly dictionary: readonly string[];
};
const { ngramsData } = (await import(new URL("ngrams/extrasmall.js", eld).href)) as {
  readonly ngramsData: {
    readonly languages: Readonly<Record<string, string>>;
    readonly ngrams: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };
};

const byteOf = new Map(dictionary.map((character, byte) => [character, byte] as const));
const grams = Object.entries(ngramsData.ngrams).map(([text, scores]) => readGram(text, scores));
grams.sort((a, b) => a.place - b.place || a.key - b.key);
const file = encodeProfiles(Object.values(ngramsData.languages), grams);
writeFileSync(OUTPUT, file);
console.log(`${grams.length} n-grams, ${file.length} bytes, ${gzipSync(file, { level: 9 }).length} gzipped`);

/** eld spells bytes as characters, and marks the start and the end of a word by a space. */
function readGram(text: string, scores: Readonly<Record<string, number>>): Gram {
  const starts = text.startsWith(" ") ? format.AT_START : 0;
  const ends = text.endsWith(" ") ? format.AT_END : 0;
  const bytes = Uint8Array.from(text.trim(), (character) => byteOf.get(character) ?? 0);
  if (bytes.includes(0)) throw new Error(`unreadable n-gram: ${text}`);
  return {
    place: starts | ends,
    key: format.packGram(bytes, 0, bytes.length),
    scores: Object.entries(scores).map(([language, score]) => [Number(language), score] as const),
  };
}

function encodeProfiles(languages: readonly string[], list: readonly Gram[]): Uint8Array<ArrayBuffer> {
  const places = [0, 1, 2, 3].map((place) => list.filter((gram) => gram.place === place).length);
  const entries = list.flatMap((gram) => gram.scores);
  const header = Uint32Array.of(format.LANGUAGE_PROFILES_MAGIC, languages.length, entries.length, ...places);
  const parts = [
    header,
    new TextEncoder().encode(languages.join("")),
    Uint32Array.from(list, (gram) => gram.key),
    Uint8Array.from(list, (gram) => gram.scores.length),
    Uint8Array.from(entries, ([language]) => language),
    Uint8Array.from(entries, ([, score]) => score),
  ];
  const bytes = parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return new Uint8Array(Buffer.concat(bytes));
}
