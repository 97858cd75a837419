/** An event this long comes from no model; it is counted in UTF-16 units, so memory is bounded. */
const LONGEST_EVENT = 1_048_576;

/** Turns the text of an event stream, cut anywhere, into the `data` of its events. */
export interface EventParser {
  /** The events that this text completes. Throws a RangeError where one is over the limit. */
  readonly push: (text: string) => string[];
  /** The event that the stream ended in, as some servers leave out the last blank line. */
  readonly finish: () => string[];
}

/**
 * Starts a parser of `text/event-stream` (WHATWG HTML, 9.2.6) for streams that use `data` alone:
 * names and ids are dropped, and so are events without data. Work is linear in the text, however it
 * is cut: unfinished lines are appended to, never searched again.
 */
export function startEventParser(): EventParser {
  let line = "";
  let data: string | undefined;
  let endedInReturn = false;

  const grow = (text: string): void => {
    line += text;
    if (line.length + (data?.length ?? 0) > LONGEST_EVENT) throw new RangeError("An event is too long.");
  };
  const takeEvent = (): string[] => {
    const event = data;
    data = undefined;
    return event === undefined || event === "" ? [] : [event];
  };
  const endLine = (): string[] => {
    const ended = line;
    line = "";
    if (ended === "") return takeEvent();
    const value = parseData(ended);
    if (value !== undefined) data = data === undefined ? value : `${data}\n${value}`;
    return [];
  };

  const push = (text: string): string[] => {
    if (text === "") return [];
    const lines = (endedInReturn && text.startsWith("\n") ? text.slice(1) : text).split(/\r\n|\n|\r/);
    endedInReturn = text.endsWith("\r");
    const events: string[] = [];
    for (const [index, part] of lines.entries()) {
      if (index > 0) events.push(...endLine());
      grow(part);
    }
    return events;
  };
  return { push, finish: () => [...endLine(), ...takeEvent()] };
}

/** The value of a `data` line; undefined for comments and other fields. */
function parseData(line: string): string | undefined {
  if (line === "data") return "";
  return line.startsWith("data:") ? line.slice(line[5] === " " ? 6 : 5) : undefined;
}

/** Reads the `data` of a body's events as they come. It does not cancel the body: its reader's owner does. */
export async function* readEvents(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  const parser = startEventParser();
  for (;;) {
    const { done, value } = await reader.read();
    yield* parser.push(done ? decoder.decode() : decoder.decode(value, { stream: true }));
    if (done) return yield* parser.finish();
  }
}
