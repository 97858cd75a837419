/** Larger texts are not parsed again to find where one that has no position breaks. */
const MAX_SEARCHED = 100_000;
/** What the engine says of a text that just ends, where it names no position. */
const OPEN = /end of JSON input|Unterminated|No number after|missing a number/;

/**
 * Where a text stops being JSON, as a person looks for it; undefined where that is not known. The engine's own
 * message has the position for most faults, and repeats the text for the others.
 */
export function findJsonFault(text: string, error: unknown): string | undefined {
  if (isOpen(text, error)) return `it ends too early, after ${text.length} characters`;
  const at = readPosition(error) ?? searchFault(text);
  if (at === undefined) return undefined;
  const before = text.slice(0, at).split("\n");
  return `see position ${at} (line ${before.length}, column ${(before.at(-1) ?? "").length + 1})`;
}

/** Whether the text is valid as far as it goes. */
const isOpen = (text: string, error: unknown): boolean =>
  OPEN.test(String(error)) || readPosition(error) === text.length;

function readPosition(error: unknown): number | undefined {
  const told = /at position (\d+)/.exec(String(error))?.[1];
  return told === undefined ? undefined : Number(told);
}

/** The shortest text that is broken already ends with the fault. */
function searchFault(text: string): number | undefined {
  if (text.length > MAX_SEARCHED) return undefined;
  let [good, bad] = [0, text.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isBroken(text.slice(0, middle))) bad = middle;
    else good = middle;
  }
  return good;
}

function isBroken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return !isOpen(text, error);
  }
}
