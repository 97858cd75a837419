/** Event streams by the WHATWG rules, as far as a relay needs them: whole events, kept as they came. */

const BOUNDARY = /\r\n\r\n|\n\n|\r\r/g;

/** Cuts a buffer after each blank line; `rest` is the event still on its way. */
export function cutEvents(buffer: string): { readonly events: string[]; readonly rest: string } {
  const events: string[] = [];
  let start = 0;
  for (const match of buffer.matchAll(BOUNDARY)) {
    const end = match.index + match[0].length;
    events.push(buffer.slice(start, end));
    start = end;
  }
  return { events, rest: buffer.slice(start) };
}

/** The data of an event, its lines joined; undefined for comments and events without data. */
export function readData(event: string): string | undefined {
  if (event.startsWith("data: ") && event.indexOf("\n", 6) >= event.length - 2)
    return event.slice(6).trimEnd();
  const lines = event.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:"));
  if (lines.length === 0) return undefined;
  return lines.map((line) => line.slice(line.startsWith("data: ") ? 6 : 5)).join("\n");
}

/** Writes one event. */
export const writeEvent = (data: string): string => `data: ${data}\n\n`;
