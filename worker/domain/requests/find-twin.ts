import { endOfString, isName, QUOTE } from "./json-tokens.ts";

/** Larger texts are not walked again, only to say more of what is wrong. */
const MAX_SEARCHED = 100_000;
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];

/** The first name that stands twice in an object of a JSON text; undefined where there is none, or the text is large. */
export function findTwin(text: string): string | undefined {
  if (text.length > MAX_SEARCHED) return undefined;
  const objects: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === OPEN_OBJECT || char === OPEN_ARRAY) objects.push(new Set());
    if (char === CLOSE_OBJECT || char === CLOSE_ARRAY) objects.pop();
    if (char !== QUOTE) continue;
    const end = endOfString(text, at) + 1;
    const name = isName(text, end) ? (JSON.parse(text.slice(at, end)) as string) : undefined;
    if (name !== undefined && objects.at(-1)?.has(name)) return name;
    if (name !== undefined) objects.at(-1)?.add(name);
    at = end - 1;
  }
  return undefined;
}
