/** Event streams by the WHATWG rules, as far as a relay needs them: whole events, kept as they came. */

const BOUNDARY = /\r\n\r\n|\n\n|\r\r/g;
/** A boundary between events may begin this many characters before the text that completes it. */
const BOUNDARY_LENGTH = 4;

export interface Cut {
  /** Whole events, each with the blank line that ends it. */
  readonly events: readonly string[];
  /** The events are exactly the text that was added. */
  readonly aligned: boolean;
  /** Whether no part of an unfinished event is left. */
  readonly isWhole: boolean;
}

export interface EventCutter {
  /** Takes what arrived; undefined when the event on its way is longer than allowed. */
  add(text: string): Cut | undefined;
  /** At the end of the stream: an event that lacks only its blank line counts. */
  end(): Cut;
}

/** Cuts text that arrives in parts of any size into events, in time linear in its length. */
export function createEventCutter(maxChars: number): EventCutter {
  let rest = "";
  let tail = "";
  const cut = (text: string): Cut => {
    const aligned = rest === "";
    const { events, rest: left } = cutEvents(rest + text);
    rest = left;
    tail = left.slice(1 - BOUNDARY_LENGTH);
    return { events, aligned: aligned && left === "", isWhole: left === "" };
  };
  return {
    add(text) {
      const seam = tail + text;
      if (seam.search(BOUNDARY) >= 0) {
        const found = cut(text);
        return found.events.some(({ length }) => length > maxChars) ? undefined : found;
      }
      rest += text;
      tail = seam.slice(1 - BOUNDARY_LENGTH);
      return rest.length > maxChars ? undefined : PART;
    },
    end: () => (rest.trim() === "" ? NOTHING : cut("\n\n")),
  };
}

const PART: Cut = { events: [], aligned: false, isWhole: false };
const NOTHING: Cut = { events: [], aligned: false, isWhole: true };

/** Cuts a text after each blank line; `rest` is the event still on its way. */
export function cutEvents(text: string): { readonly events: string[]; readonly rest: string } {
  const events: string[] = [];
  let start = 0;
  for (const match of text.matchAll(BOUNDARY)) {
    const end = match.index + match[0].length;
    events.push(text.slice(start, end));
    start = end;
  }
  return { events, rest: text.slice(start) };
}

/** The name of an event, after `event:`; undefined where it has none. */
export function readName(event: string): string | undefined {
  return event.startsWith("data:") ? undefined : /^event: ?(.*)$/m.exec(event)?.[1]?.trimEnd();
}

/** The data of an event, its lines joined; undefined for comments and events without data. */
export function readData(event: string): string | undefined {
  // The two shapes nearly every event has: one line of data, with a line for its name before it or without.
  const start = event.startsWith("event:") ? event.indexOf("\n") + 1 : 0;
  if (event.startsWith("data: ", start) && event.indexOf("\n", start + 6) >= event.length - 2) {
    return event.slice(start + 6, -2);
  }
  const lines = event.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:"));
  if (lines.length === 0) return undefined;
  return lines.map((line) => line.slice(line.startsWith("data: ") ? 6 : 5)).join("\n");
}

/** Whether a text begins as an event stream does. */
export const isEventStream = (text: string): boolean => /^\s*(?:data|event|id|retry)?:/.test(text);

/** Writes one event, with a name where it has one. */
export const writeEvent = (data: string, name?: string): string =>
  name === undefined ? `data: ${data}\n\n` : `event: ${name}\ndata: ${data}\n\n`;
