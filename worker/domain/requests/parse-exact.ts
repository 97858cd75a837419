import { readNumber } from "./json-number.ts";
import { endOfString } from "./json-tokens.ts";

/** What the language has since 2025, and its types not yet (ECMA-262, "JSON.parse source text access"). */
const json = JSON as unknown as { rawJSON(text: string): object };

// JSON.stringify refuses bigints unless their prototype says how they are written: here, as their digits.
// oxlint-disable-next-line no-extend-native
Object.defineProperty(BigInt.prototype, "toJSON", {
  value(this: bigint) {
    return json.rawJSON(this.toString());
  },
});

/** Half a character, which no text that came as UTF-8 has: so begin the strings that stand for whole numbers. */
const MARK = "\ud800";
const MARKED = /^\ud800-?\d+$/;
/** A number that may be past 2^53 and have digits that no double has. */
const LARGE = /(?<![\d.e+-])-?\d(?:[\d.]{15,}(?:e[+-]?\d+)?|[\d.]*e[+-]?\d+)/gi;

/** A JSON text in which marked strings stand for the whole numbers that no double has. */
export interface MarkedText {
  readonly marked: string;
  /** The first other number that no double has. */
  readonly lost?: string | undefined;
}

/** Marks the large numbers of what is known to be JSON. */
export function markLarge(text: string): MarkedText {
  const parts: string[] = [];
  let lost: string | undefined;
  const mark = (literal: string) => {
    const number = readNumber(literal);
    if (number === undefined) lost ??= literal;
    return typeof number === "bigint" ? `"${MARK}${number}"` : literal;
  };
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    parts.push(text.slice(at, end).replace(LARGE, mark));
    at = quote < 0 ? end : endOfString(text, quote) + 1;
    parts.push(text.slice(end, at));
  }
  return { marked: parts.join(""), lost };
}

/**
 * Parses a marked text, with bigints for what is marked. JSON.parse with a reviver does the same, at a microsecond
 * a value.
 */
export const parseMarked = ({ marked }: MarkedText): unknown => unmark(JSON.parse(marked));

function unmark(value: unknown): unknown {
  if (typeof value === "string") return MARKED.test(value) ? BigInt(value.slice(MARK.length)) : value;
  if (value === null || typeof value !== "object") return value;
  const parts = value as Record<string, unknown>;
  for (const name in parts) {
    const part = parts[name];
    if (typeof part === "string" || typeof part === "object") parts[name] = unmark(part);
  }
  return value;
}

/** A number that may be past 2^53, as servers and models write it: in digits. Fractions are no such numbers. */
const LONG = /(?:^|[^.\d])\d{16}/;

/** The same for any text, nearly as fast as JSON.parse, for numbers without an exponent. Throws where it is not JSON. */
export function readExact(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return LONG.test(text) ? parseMarked(markLarge(text)) : value;
}
