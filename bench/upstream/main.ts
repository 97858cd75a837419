/**
 * An upstream that costs as little as it can, in a process of its own. What it answers stands in the path,
 * so that no body is read: `/whole`, `/slow` (the same after two seconds), `/paced` (one event of a stream
 * every 5 ms), `/burst` (ten at a time).
 *
 * Prints `{"port":12345}` when it listens, on 127.0.0.1 only, and ends when its stdin closes.
 */
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CHAT, EVENTS, MESSAGE } from "./answers.ts";

const TICK_MS = 5;
/** As long as a model may well think about an answer. */
const SLOW_MS = 2000;

const chat = Buffer.from(CHAT);
const message = Buffer.from(MESSAGE);
const writes = { paced: joinBy(1), burst: joinBy(10) };

function joinBy(size: number): readonly Buffer[] {
  const count = Math.ceil(EVENTS.length / size);
  return Array.from({ length: count }, (_, at) =>
    Buffer.from(EVENTS.slice(at * size, at * size + size).join("")),
  );
}

interface OpenStream {
  readonly response: ServerResponse;
  readonly parts: readonly Buffer[];
  at: number;
}

/** One timer for all streams, however many there are. */
const streams = new Set<OpenStream>();
setInterval(() => {
  for (const stream of streams) {
    const part = stream.parts[stream.at++];
    if (part && !stream.response.destroyed) {
      stream.response.write(part);
      continue;
    }
    stream.response.end();
    streams.delete(stream);
  }
}, TICK_MS).unref();

const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  request.resume();
  request.once("end", () => answer(request.url ?? "", response));
});

function answer(path: string, response: ServerResponse): void {
  const name = path.startsWith("/paced") ? "paced" : path.startsWith("/burst") ? "burst" : undefined;
  if (name) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    streams.add({ response, parts: writes[name], at: 0 });
    return;
  }
  const body = path.endsWith("/messages") ? message : chat;
  const send = () => {
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
    response.end(body);
  };
  if (path.startsWith("/slow")) setTimeout(send, SLOW_MS);
  else send();
}

process.stdin.once("close", () => process.exit(0)).resume();
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
