import type { GatewayError } from "../../contract/errors.ts";
import { err, ok, type Result } from "../result.ts";
import { findExcess, REQUEST_BOUNDS } from "./find-excess.ts";
import { findJsonFault } from "./find-json-fault.ts";
import { readNumber } from "./json-number.ts";
import { parseExact } from "./parse-exact.ts";

/**
 * Reads JSON as strictly as hashing needs it. Refused is what would silently change (duplicate names, fractions
 * past 2^53 that no double has), what canonical JSON (RFC 8785) cannot write (lone surrogates, numbers past the
 * double range), and before it is parsed what has too much of anything (REQUEST_BOUNDS). Whole numbers past 2^53
 * keep their digits.
 */
type Refusal = Result<never, GatewayError>;
const refuse = (code: "invalid_json" | "unsafe_number" | "invalid_request", message: string): Refusal =>
  err({ code, message });

export interface ParseOptions {
  /** Numbers count as values do: where no long lists of them are to be expected. */
  readonly countsNumbers?: boolean;
}

/**
 * Takes a JSON text of bounded length; gives the value, or the first thing wrong with it. Whole numbers that no
 * double has are bigints.
 */
export function parseJson(
  text: string,
  { countsNumbers = false }: ParseOptions = {},
): Result<unknown, GatewayError> {
  const excess = findExcess(text, { ...REQUEST_BOUNDS, freeNumbers: !countsNumbers });
  if (excess !== undefined) return refuse("invalid_request", `The body has ${excess}.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const place = findJsonFault(text, error);
    return refuse("invalid_json", `The body is not valid JSON${place === undefined ? "" : `: ${place}`}.`);
  }
  const place: Place = { frames: [], nameNext: false, hasBigints: false };
  return scan(text, place) ?? ok(place.hasBigints ? parseExact(text) : value);
}

/** Walks a text that is known to be JSON, token by token. */
function scan(text: string, place: Place): Refusal | undefined {
  for (let at = 0; at < text.length;) {
    const char = text.charCodeAt(at);
    const isNumber = startsNumber(char);
    const end = isNumber ? endOfNumber(text, at) : char === QUOTE ? endOfString(text, at) : at + 1;
    if (!isNumber && char !== QUOTE) step(char, place);
    else if (!isNumber || !isPlain(text, at, end)) {
      const refusal = checkScalar(text.slice(at, end), place);
      if (refusal) return refusal;
    }
    at = end;
  }
  return undefined;
}

/** Where the walk is: each open object's names so far (null for an array), and whether a name is due. */
interface Place {
  readonly frames: (Set<string> | null)[];
  nameNext: boolean;
  hasBigints: boolean;
}

const QUOTE = 0x22;
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY, COMMA] = [0x7b, 0x7d, 0x5b, 0x5d, 0x2c];

const startsNumber = (char: number) => char === 0x2d || (char >= 0x30 && char <= 0x39);

function step(char: number, place: Place): void {
  const opens = char === OPEN_OBJECT || char === OPEN_ARRAY;
  if (opens) place.frames.push(char === OPEN_OBJECT ? new Set() : null);
  if (char === CLOSE_OBJECT || char === CLOSE_ARRAY) place.frames.pop();
  if (opens || char === COMMA) place.nameNext = place.frames.at(-1) instanceof Set;
}

function checkScalar(literal: string, place: Place): Refusal | undefined {
  if (literal.charCodeAt(0) !== QUOTE) return checkNumber(literal, place);
  const names = place.nameNext ? place.frames.at(-1) : null;
  place.nameNext = false;
  return checkString(literal, names);
}

/** The index after the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
}

/** Checks one string; `names` is given where the string is a name in an object. */
function checkString(literal: string, names: Set<string> | null | undefined): Refusal | undefined {
  const escaped = literal.includes("\\u");
  if (!escaped && !names) return undefined;
  const string = literal.includes("\\") ? (JSON.parse(literal) as string) : literal.slice(1, -1);
  if (escaped && !string.isWellFormed())
    return refuse("invalid_json", "A string holds half a character (a lone surrogate).");
  if (!names) return undefined;
  if (names.has(string) || string === "__proto__")
    return refuse("invalid_json", `The name ${shown(string)} stands twice or is not allowed.`);
  names.add(string);
  return undefined;
}

const shown = (text: string) => JSON.stringify(text.slice(0, 64));

/** Whether every double keeps a number, by its length alone. */
function isPlain(text: string, start: number, end: number): boolean {
  if (end - start > MAX_PLAIN) return false;
  for (let at = start; at < end; at++) if ((text.charCodeAt(at) | LOWER) === LETTER_E) return false;
  return true;
}

/** Digits that any double keeps. */
const MAX_PLAIN = 15;
const [LOWER, LETTER_E] = [0x20, 0x65];

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && isNumberChar(text.charCodeAt(end))) end++;
  return end;
}

const isNumberChar = (char: number) =>
  (char >= 0x30 && char <= 0x39) ||
  char === 0x2e ||
  char === 0x65 ||
  char === 0x45 ||
  char === 0x2b ||
  char === 0x2d;

function checkNumber(literal: string, place: Place): Refusal | undefined {
  const number = readNumber(literal);
  if (number === undefined) {
    const message = `No JSON reader keeps the number ${literal.slice(0, 32)} exactly; send it as a string.`;
    return refuse("unsafe_number", message);
  }
  place.hasBigints ||= typeof number === "bigint";
  return undefined;
}
