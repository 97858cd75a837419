/** How much structure a JSON text may have. What is counted is what costs memory far beyond its own bytes. */
export interface JsonBounds {
  /** How deep arrays and objects may stand in each other. */
  readonly depth: number;
  /** Arrays and objects. */
  readonly containers: number;
  /** Names in objects, those of all objects together. */
  readonly names: number;
  /** Values that follow another in an array or object. */
  readonly values: number;
  /** Numbers are no values: lists of them are as small parsed as they are written. Tokens and vectors are such. */
  readonly freeNumbers: boolean;
}

/**
 * Far above honest use: 2,048 inputs are 2,048 arrays at most, and a conversation of 10,000 messages has some
 * 30,000 objects and 100,000 names. At these bounds a parsed body takes about as much memory as 4 MB of text.
 */
export const REQUEST_BOUNDS: JsonBounds = {
  depth: 64,
  containers: 100_000,
  names: 200_000,
  values: 400_000,
  freeNumbers: true,
};

/** A long answer with 20 alternatives to each of its tokens has some 450,000 objects and lists in 10 MB. */
export const ANSWER_BOUNDS: JsonBounds = {
  depth: 256,
  containers: 600_000,
  names: 1_000_000,
  values: 2_000_000,
  freeNumbers: true,
};

const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c];
/** Brackets and braces differ in this bit alone. */
const BRACE = 0x20;
const opens = (char: number) => (char | BRACE) === 0x7b;
const closes = (char: number) => (char | BRACE) === 0x7d;

/**
 * Says what a text has too much of, before it is parsed; undefined where it keeps to the bounds. One pass over any
 * text, JSON or not, that ends at the first excess; it allocates nothing.
 */
export function findExcess(text: string, bounds: JsonBounds): string | undefined {
  let [depth, containers, names, values] = [0, 0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (isDigit(char)) {
      if (bounds.freeNumbers) at = endOfNumbers(text, at);
    } else if (char === QUOTE) at = endOfString(text, at);
    else if (opens(char)) {
      if (++depth > bounds.depth) return `nesting of more than ${bounds.depth} levels (at position ${at})`;
      if (++containers > bounds.containers) return tell(bounds.containers, "arrays and objects", at);
    } else if (closes(char)) depth--;
    else if (char === COLON) {
      if (++names > bounds.names) return tell(bounds.names, "names", at);
    } else if (char === COMMA) {
      if (++values > bounds.values) return tell(bounds.values, "values", at);
    }
  }
  return undefined;
}

const tell = (bound: number, what: string, at: number): string =>
  `more than ${bound} ${what} (at position ${at})`;

const isDigit = (char: number) => char >= 0x30 && char <= NINE;

/** The last character of a list's numbers with the commas between them, at a fraction of the cost of asking each. */
function endOfNumbers(text: string, start: number): number {
  let at = start + 1;
  for (let char = text.charCodeAt(at); char >= PLUS && char <= NINE; char = text.charCodeAt(++at));
  return at - 1;
}

/** Between them are the comma, the minus and the point. */
const [PLUS, NINE] = [0x2b, 0x39];

/** Where the string that opens at `start` closes; the text's end where it does not. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote > 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote;
  }
  return text.length;
}
