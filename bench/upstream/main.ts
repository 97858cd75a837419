/**
 * An upstream that costs as little as it can, in a process of its own: it answers with bytes that are ready.
 * What it answers stands in the path, so that no body is looked at: `/whole`, `/slow` (the same after two
 * seconds), `/paced` (one event of a stream every 5 ms), `/burst` (ten at a time), `/kilobytes-100` (a longer
 * answer), `/events-2000` (a longer stream, fifty at a time).
 *
 * Prints `{"port":12345}` when it listens, on 127.0.0.1 only, and ends when its stdin closes.
 */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { MessageReader } from "../http/message-reader.ts";
import { CHAT, MESSAGE, STREAM_EVENTS, writeChat, writeEvents } from "./answers.ts";
import { frameJson, frameStream } from "./frames.ts";

const TICK_MS = 5;
/** As long as a model may well think about an answer. */
const SLOW_MS = 2000;

const EVENTS_A_WRITE: Readonly<Record<string, number>> = { paced: 1, burst: 10, events: 50 };

/** The path's first part, and the size that follows the names that have one. */
const PATH = /^\/([a-z]+)(?:-(\d+))?\//;

/** The writes of the answer to a path, one a tick. */
function frameAnswer(path: string): readonly Buffer[] {
  const [, name = "", size] = PATH.exec(path) ?? [];
  const eventsAWrite = EVENTS_A_WRITE[name];
  if (eventsAWrite !== undefined)
    return frameStream(writeEvents(Number(size ?? STREAM_EVENTS)), eventsAWrite);
  if (path.endsWith("/messages")) return [frameJson(MESSAGE)];
  return [frameJson(size === undefined ? CHAT : writeChat(Number(size) * 1024))];
}

/** By path; made when first asked for. */
const answers = new Map<string, readonly Buffer[]>();

interface OpenAnswer {
  readonly socket: Socket;
  readonly writes: readonly Buffer[];
  at: number;
}

/** One timer for all streams, however many there are. */
const open = new Set<OpenAnswer>();
setInterval(() => open.forEach(writeNext), TICK_MS).unref();

function writeNext(one: OpenAnswer): void {
  const bytes = one.writes[one.at++];
  if (bytes && !one.socket.destroyed) one.socket.write(bytes);
  if (one.at < one.writes.length) open.add(one);
  else open.delete(one);
}

function answer(path: string, socket: Socket): void {
  const writes = answers.get(path) ?? frameAnswer(path);
  answers.set(path, writes);
  const one = { socket, writes, at: 0 };
  if (path.startsWith("/slow")) setTimeout(writeNext, SLOW_MS, one);
  else writeNext(one);
}

const server = createServer({ noDelay: true }, (socket) => {
  const reader = new MessageReader();
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes: Buffer) => {
    const requestLine = reader.read(bytes);
    if (requestLine !== undefined) answer(requestLine.split(" ")[1] ?? "", socket);
  });
});

process.stdin.once("close", () => process.exit(0)).resume();
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
