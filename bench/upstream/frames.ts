/** HTTP/1.1 responses as the bytes that go over the connection. Pure. */

/** A whole answer in JSON. */
export const frameJson = (body: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

const STREAM_HEAD =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const LAST_CHUNK = "0\r\n\r\n";

/** The writes of an answer that is streamed: its head, then so many events each, then its end. */
export function frameStream(events: readonly string[], eventsAWrite: number): readonly Buffer[] {
  const writes = Array.from({ length: Math.ceil(events.length / eventsAWrite) }, (_, at) =>
    frameChunk(events.slice(at * eventsAWrite, (at + 1) * eventsAWrite).join("")),
  );
  return [STREAM_HEAD, ...writes, LAST_CHUNK].map((text) => Buffer.from(text));
}

const frameChunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
