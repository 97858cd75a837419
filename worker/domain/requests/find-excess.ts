import { endOfString, QUOTE } from "./json-tokens.ts";

/** How much structure a JSON text may have. What is counted is what costs time and memory far beyond its own bytes. */
export interface JsonBounds {
  /** How deep arrays and objects may stand in each other. */
  readonly depth: number;
  /** Arrays and objects. */
  readonly containers: number;
  /** Names in objects, those of all objects together. */
  readonly names: number;
  /** The same, where each counts once: an engine keeps every name, and every shape of an object that it has seen. */
  readonly differentNames: number;
  /** Strings that are no names. */
  readonly texts: number;
  /** Values that follow another in an array or object. */
  readonly values: number;
  /** Numbers are no values: lists of them are as small parsed as they are written. Vectors are such. */
  readonly freeNumbers: boolean;
}

/**
 * Far above honest use: OpenAI's embeddings take 2,048 inputs of 300,000 tokens in all, and a conversation of 10,000
 * messages has some 30,000 objects, 100,000 names (the same few) and 60,000 texts. At these bounds a parsed body
 * takes about as much memory as 4 MB of text, and not much more time.
 */
export const REQUEST_BOUNDS: JsonBounds = {
  depth: 64,
  containers: 100_000,
  names: 200_000,
  differentNames: 10_000,
  texts: 100_000,
  values: 400_000,
  freeNumbers: false,
};

/** A long answer with 20 alternatives to each of its tokens has some 450,000 objects and lists in 10 MB. */
export const ANSWER_BOUNDS: JsonBounds = {
  depth: 256,
  containers: 600_000,
  names: 1_000_000,
  differentNames: 100_000,
  texts: 2_000_000,
  values: 2_000_000,
  freeNumbers: true,
};

const [COMMA, COLON] = [0x2c, 0x3a];
/** Brackets and braces differ in this bit alone. */
const BRACE = 0x20;
const opens = (char: number) => (char | BRACE) === 0x7b;
const closes = (char: number) => (char | BRACE) === 0x7d;

/** What was seen of a text: how many names it has, and what it has too much of. */
export interface Structure {
  readonly names: number;
  readonly excess?: string;
}

/**
 * Looks for what a text has too much of, before it is parsed. One pass over any text, JSON or not, that ends at the
 * first excess; it allocates nothing but for names past the first `differentNames`, among which it counts those that
 * differ.
 */
export function findExcess(text: string, bounds: JsonBounds): Structure {
  let [depth, containers, names, strings, values, opened] = [0, 0, 0, 0, 0, 0];
  const different = new Names(bounds);
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (isDigit(char)) at = endOfDigits(text, at, bounds.freeNumbers ? PLUS : ZERO);
    else if (char === QUOTE) {
      opened = at;
      at = endOfString(text, at);
      if (++strings - names > bounds.texts) return tell(names, bounds.texts, "texts", at);
    } else if (opens(char)) {
      if (++depth > bounds.depth) return tell(names, bounds.depth, "levels", at);
      if (++containers > bounds.containers) return tell(names, bounds.containers, "arrays and objects", at);
    } else if (closes(char)) depth--;
    else if (char === COLON) {
      const excess = different.add(text, opened, at);
      if (excess) return excess;
      names++;
    } else if (char === COMMA) {
      if (++values > bounds.values) return tell(names, bounds.values, "values", at);
    }
  }
  return { names };
}

const tell = (names: number, bound: number, what: string, at: number): Structure => ({
  names,
  excess: `more than ${bound} ${what} (at position ${at})`,
});

/** Counts names, and past the first `differentNames` those that differ. */
class Names {
  readonly #bounds: JsonBounds;
  readonly #different = new Set<string>();
  /** Most names have stood before: one of the same length and ending is compared first, for that takes no copy. */
  #lately: string[] = [];
  #count = 0;

  constructor(bounds: JsonBounds) {
    this.#bounds = bounds;
  }

  /** Adds the name that stands from `start` to `end`; gives what there is too much of, with it. */
  add(text: string, start: number, end: number): Structure | undefined {
    const { names, differentNames } = this.#bounds;
    if (++this.#count > names) return tell(this.#count, names, "names", end);
    if (this.#count <= differentNames || this.#countDifferent(text, start, end) <= differentNames)
      return undefined;
    return tell(this.#count, differentNames, "different names", end);
  }

  #countDifferent(text: string, start: number, end: number): number {
    const slot = (8 * (end - start) + text.charCodeAt(end - 1)) % SLOTS;
    const like = this.#lately[slot] ?? "";
    if (like.length === end - start && text.startsWith(like, start)) return this.#different.size;
    const name = text.slice(start, end);
    this.#lately[slot] = name;
    return this.#different.add(name).size;
  }
}
const SLOTS = 256;

const isDigit = (char: number) => char >= ZERO && char <= NINE;

/** The last of the characters from `least` to 9 that stand together, at a fraction of the cost of asking each. */
function endOfDigits(text: string, start: number, least: number): number {
  let at = start + 1;
  for (let char = text.charCodeAt(at); char >= least && char <= NINE; char = text.charCodeAt(++at));
  return at - 1;
}

/** From the plus on are the comma, the minus and the point: with them, a list of numbers is as one. */
const [PLUS, ZERO, NINE] = [0x2b, 0x30, 0x39];
