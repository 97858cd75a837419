import type { Skimmed } from "../../domain/routing/adapter.ts";

const LINE_FEED = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const NOT_ASCII = 0x80;
const PREFIX = new TextEncoder().encode("data: {");

const OPEN_BRACKET = 0x5b;

/** The letters by which the names that matter to the gateway are told: usage, error, finish_reason, message, … */
const [U, S, E, R, F, I, N, M, C, T] = [0x75, 0x73, 0x65, 0x72, 0x66, 0x69, 0x6e, 0x6d, 0x63, 0x74] as const;
const CONTENT = encodeName("content");
const TOOL_CALLS = encodeName("tool_calls");
const MESSAGE = encodeName("message");
const ARGUMENTS = encodeName("arguments");
/** The names of what a delta says, by their first letters. */
const TEXTS: ReadonlyMap<number, readonly Uint8Array[]> = new Map([
  [0x63, [encodeName("content")]],
  [R, [encodeName("reasoning_content"), encodeName("reasoning")]],
  [0x74, [encodeName("text")]],
  [0x61, [ARGUMENTS]],
]);

/** The first two letters of the names that matter or are those of texts: few others share both. */
const BEGINNINGS = new Uint8Array(1024);
const NAMES = "usage error finish_reason message arguments content reasoning text tool_calls".split(" ");
for (const name of NAMES) BEGINNINGS[placeOf(name.charCodeAt(0), name.charCodeAt(1))] = 1;

/** Five bits of each: they tell all letters apart, and other characters are taken for some letter. */
function placeOf(first: number, second: number): number {
  return ((first & 31) << 5) | (second & 31);
}

/**
 * How many events at the front of these bytes are plainly deltas that go on as they came: one line of JSON each,
 * in each of them a text that is not empty, and in none a name that could be `usage`, `error` or `finish_reason`
 * with a value other than null, or that has no place in a delta. Errs to the careful side, and is linear.
 */
export function skimDeltas(bytes: Uint8Array): Skimmed {
  let events = 0;
  let end = 0;
  while (end < bytes.length) {
    const next = skimEvent(bytes, end);
    if (next === 0) break;
    events++;
    end = next;
  }
  return { events, end };
}

/** Where the event that starts here ends; 0 where it has to be read. */
function skimEvent(bytes: Uint8Array, start: number): number {
  const size = bytes.length;
  let says = false;
  for (let at = 0; at < PREFIX.length; at++) if (bytes[start + at] !== PREFIX[at]) return 0;
  for (let at = skipPlain(bytes, start + PREFIX.length); at < size; at = skipPlain(bytes, at + 1)) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      if (matters(bytes, at + 1)) return 0;
      says ||= saysText(bytes, at + 1);
    } else if (byte < SPACE) {
      // A carriage return may end a line as well.
      const isLast = byte === LINE_FEED && bytes[at - 1] === CLOSE_BRACE && bytes[at + 1] === LINE_FEED;
      return isLast && says ? at + 2 : 0;
    } else {
      const length = lengthOfCharacter(bytes, at);
      if (length === 0) return 0;
      at += length - 1;
    }
  }
  return 0;
}

/** Where the next byte is that has to be looked at. Nearly all of them pass here, so nothing is called. */
function skipPlain(bytes: Uint8Array, from: number): number {
  const size = bytes.length;
  let at = from;
  for (; at < size; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      const place = (((bytes[at + 1] as number) & 31) << 5) | ((bytes[at + 2] as number) & 31);
      if (BEGINNINGS[place] === 1) break;
    } else if (byte < SPACE || byte >= NOT_ASCII) break;
  }
  return at;
}

/** Whether a name begins here that may be one of those that matter. */
function matters(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at];
  if (first === U) return bytes[at + 1] === S && !isNull(bytes, at + "usage".length);
  if (first === E) return bytes[at + 1] === R && !isNull(bytes, at + "error".length);
  if (first === M) return bytes[at + 1] === E && valueOf(bytes, at, MESSAGE) > 0;
  if (first === C) return bytes[valueOf(bytes, at, CONTENT)] === OPEN_BRACKET;
  if (first === T) return bytes[valueOf(bytes, at, TOOL_CALLS)] === OPEN_BRACKET;
  if (first === ARGUMENTS[0]) return bytes[valueOf(bytes, at, ARGUMENTS)] === OPEN_BRACE;
  if (first !== F || bytes[at + 1] !== I || bytes[at + 2] !== N) return false;
  return !isNull(bytes, at + "finish_reason".length);
}

/** Whether the name of a text begins here, and the text is not empty. */
function saysText(bytes: Uint8Array, at: number): boolean {
  const names = TEXTS.get(bytes[at] ?? 0);
  if (!names) return false;
  for (const name of names) {
    const value = valueOf(bytes, at, name);
    if (value > 0) return bytes[value] === QUOTE && bytes[value + 1] !== QUOTE;
  }
  return false;
}

/** Where the value of this name begins, if it stands here; 0 where another does. */
function valueOf(bytes: Uint8Array, at: number, name: Uint8Array): number {
  for (let next = 0; next < name.length; next++) if (bytes[at + next] !== name[next]) return 0;
  const value = at + name.length;
  return bytes[value] === SPACE ? value + 1 : value;
}

/** A name with what ends it. */
function encodeName(name: string): Uint8Array {
  return new TextEncoder().encode(`${name}":`);
}

/** Whether a name ends here, and its value is null. */
const isNull = (bytes: Uint8Array, at: number): boolean => bytes[at] === QUOTE && bytes[at + 2] === N;

/** The second bytes that a first one may have, where not all are allowed (RFC 3629, section 4). */
const SECOND: ReadonlyMap<number, readonly [lowest: number, highest: number]> = new Map([
  [0xe0, [0xa0, 0xbf]],
  [0xed, [0x80, 0x9f]],
  [0xf0, [0x90, 0xbf]],
  [0xf4, [0x80, 0x8f]],
]);

/** How many bytes the character takes that begins here; 0 where it is not well-formed UTF-8. */
function lengthOfCharacter(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let next = at + 1; next < at + length; next++) if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  const range = SECOND.get(first);
  const second = bytes[at + 1] ?? 0;
  return range && (second < range[0] || second > range[1]) ? 0 : length;
}
