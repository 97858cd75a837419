import { connect } from "node:net";
import { MessageReader } from "../http/message-reader.ts";
import { percentile } from "../report/percentile.ts";
import type { LoadOrder, LoadReport } from "./protocol.ts";

/** No run of load takes as long. */
const LONGEST_MS = 120_000;
const READ_BYTES = 64 * 1024;

/**
 * Makes the order's requests over keep-alive connections, each of which sends its next one when its last
 * is answered. Sends bytes that are ready, and looks only for the status and the end of an answer, so that
 * it costs little. Rejects where an answer is not 2xx, or a connection breaks.
 */
export async function sendInTurn(order: LoadOrder): Promise<LoadReport> {
  const requests = writeRequests(order);
  const latencies: number[] = [];
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, AbortSignal.timeout(LONGEST_MS)]);
  const connection = { url: new URL(order.url), requests, latencies, signal };
  const startedAt = performance.now();
  try {
    await Promise.all(Array.from({ length: order.connections }, () => useConnection(connection)));
  } finally {
    failed.abort();
  }
  return {
    requests: latencies.length,
    seconds: (performance.now() - startedAt) / 1000,
    latency: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
  };
}

/** The bytes of each request; they are the same but for their numbers. */
function* writeRequests({ url, headers, body, from, requests }: LoadOrder): Generator<Buffer> {
  const { pathname, host } = new URL(url);
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${pathname} HTTP/1.1\r\n${lines.join("")}content-length: `;
  const write = (text: string) => Buffer.from(`${head}${Buffer.byteLength(text)}\r\n\r\n${text}`);
  const [before = "", after] = body.split("{n}");
  const same = after === undefined ? write(before) : undefined;
  for (let number = from; number < from + requests; number++) {
    yield same ?? write(`${before}${number}${after}`);
  }
}

interface Connection {
  readonly url: URL;
  /** Shared by all connections: whoever is free takes the next. */
  readonly requests: Generator<Buffer>;
  /** Where each answer's milliseconds go. */
  readonly latencies: number[];
  readonly signal: AbortSignal;
}

/** Sends requests over one connection until none is left. */
function useConnection({ url, requests, latencies, signal }: Connection): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const reader = new MessageReader();
  let sentAt = 0;
  const sendNext = () => {
    const { value, done } = requests.next();
    if (done === true) {
      resolve();
      socket.destroy();
      return;
    }
    sentAt = performance.now();
    socket.write(value);
  };
  const read = (length: number, buffer: Uint8Array) => {
    const statusLine = reader.read(Buffer.from(buffer.buffer, buffer.byteOffset, length));
    if (statusLine === undefined) return true;
    latencies.push(performance.now() - sentAt);
    if (statusLine.startsWith("HTTP/1.1 2")) sendNext();
    else reject(new Error(`an answer was ${statusLine}`));
    return true;
  };
  const onread = { buffer: Buffer.allocUnsafe(READ_BYTES), callback: read };
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true, onread, signal });
  socket.once("connect", sendNext);
  socket.once("error", (cause) => reject(new Error("a connection broke", { cause })));
  socket.once("close", () => reject(new Error("a connection was closed before all was answered")));
  return promise;
}
