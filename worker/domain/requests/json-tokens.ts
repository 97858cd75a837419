/** Where the tokens of a JSON text begin and end. Any text may be asked, JSON or not. */
export const QUOTE = 0x22;
const [COLON, BACKSLASH, BLANK] = [0x3a, 0x5c, 0x20];

/** Where the string that opens at `start` closes; the text's end where it does not. */
export function endOfString(text: string, start: number): number {
  const quote = text.indexOf('"', start + 1);
  if (quote < 0) return text.length;
  if (text.charCodeAt(quote - 1) !== BACKSLASH) return quote;
  const escape = text.indexOf("\\", start + 1);
  for (let at = escape; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) return at;
    if (char === BACKSLASH) at++;
  }
  return text.length;
}

/** Whether a string that ends before `at` is a name: a colon follows. */
export function isName(text: string, at: number): boolean {
  let next = at;
  while (text.charCodeAt(next) <= BLANK) next++;
  return text.charCodeAt(next) === COLON;
}
