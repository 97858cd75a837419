/** An event this long comes from no model; it is counted in UTF-16 units, so memory is bounded. */
const LONGEST_EVENT = 1_048_576;

/**
 * Starts a parser of `text/event-stream` (WHATWG HTML, 9.2.6) for streams that use `data` alone: names
 * and ids are dropped, and so are events without data. It turns the text, cut anywhere, into the `data`
 * of the events that each piece completes, and throws a RangeError where one is over the limit. Work is
 * linear in the text, however it is cut: unfinished lines are appended to, never searched again.
 */
export function startEventParser(): (text: string) => string[] {
  let line = "";
  let data: string | undefined;
  let endedInReturn = false;

  /** Ends the line; gives the event's data, where it ended one. */
  const endLine = (): string | undefined => {
    const [, value] = /^data(?:$|: ?)(.*)/s.exec(line) ?? [];
    const event = line === "" ? data : undefined;
    if (line === "") data = undefined;
    else if (value !== undefined) data = data === undefined ? value : `${data}\n${value}`;
    line = "";
    return event;
  };

  return (text) => {
    const lines = (endedInReturn && text[0] === "\n" ? text.slice(1) : text).split(/\r\n|\n|\r/);
    if (text !== "") endedInReturn = text.endsWith("\r");
    const events: string[] = [];
    for (const [index, part] of lines.entries()) {
      const event = index > 0 && endLine();
      if (event) events.push(event);
      line += part;
      if (line.length + (data?.length ?? 0) > LONGEST_EVENT) throw new RangeError("An event is too long.");
    }
    return events;
  };
}

/**
 * Reads the `data` of the events in a body's text as they come. A last event without its blank line
 * counts, as some servers leave it out.
 */
export async function* readEvents(text: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  const parse = startEventParser();
  for await (const piece of text) yield* parse(piece);
  yield* parse("\n\n");
}
