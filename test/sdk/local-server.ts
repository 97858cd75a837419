import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach } from "vitest";

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Handler = (response: ServerResponse, request: SeenRequest) => void;

/** A real HTTP server on a free port; each test says how it answers. */
export class LocalServer {
  readonly seen: SeenRequest[] = [];
  #handlers: Handler[] = [];
  #server: Server = createServer((request, response) => void this.#answer(request, response));

  /** Answers the nth request with the nth handler, and all that follow with the last. */
  answer(...handlers: Handler[]): void {
    this.#handlers = handlers;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url: path, headers } = request;
    const seen = { method, path, headers, body: await text(request) };
    this.seen.push(seen);
    const handler = this.#handlers[Math.min(this.seen.length, this.#handlers.length) - 1];
    if (handler === undefined) response.writeHead(500).end("The test set no answer.");
    else handler(response, seen);
  }
}

/** Gives every test of a file a server of its own, through what is returned. */
export function useLocalServer(): () => LocalServer {
  let server = new LocalServer();
  beforeEach(async () => {
    server = new LocalServer();
    await server.start();
  });
  afterEach(() => server.stop());
  return () => server;
}

/** Answers with JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Handler {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
}

/** Answers with an event stream made of these pieces, and ends it. */
export function events(...pieces: (string | Uint8Array)[]): Handler {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "x-request-id": "req_stream" });
    for (const piece of pieces) response.write(piece);
    response.end();
  };
}

/** Accepts the request and says nothing. */
export const silence: Handler = () => {};

/** One chunk of a chat, as an event. */
export function chunk(content: string): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
}

export const done = "data: [DONE]\n\n";
export const completion = { choices: [{ index: 0, message: { role: "assistant", content: "Hello." } }] };
export const embeddings = { data: [{ index: 0, embedding: [1, 0] }] };
export const chatParams = { model: "chat", messages: [{ role: "user", content: "Hi" }] };
export const embedParams = { model: "embed", input: "some text" };

/** A job's document, as far as the client reads it. */
export function jobOf(fields: object = {}): object {
  const id = "job_1";
  return {
    id,
    object: "job",
    status: "queued",
    ended_at: null,
    attempts: [],
    output: null,
    error: null,
    ...fields,
  };
}

export const succeeded = (output: unknown): object =>
  jobOf({ status: "succeeded", ended_at: "2026-01-01T00:00:00.000Z", output });

/** One event of a job, as the gateway writes it. */
export function jobEvent(id: string, type: string, fields: object = {}): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify({ id, type, job: "job_1", ...fields })}\n\n`;
}
