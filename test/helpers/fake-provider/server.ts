import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { readForm } from "./audio.ts";
import { handleControl } from "./control.ts";
import { answer } from "./endpoints.ts";
import { play } from "./player.ts";
import type { Fault } from "./protocol.ts";
import { asObject } from "./reply.ts";
import type { Reply } from "./reply.ts";
import { reshape } from "./reshape.ts";
import { buildScript } from "./script.ts";
import { ProviderState } from "./state.ts";

/** Builds the provider; the caller listens. */
export function createFakeProvider(): Server {
  const state = new ProviderState();
  const server = createServer((request, response) => {
    void handle(request, response, state).catch((error: unknown) => response.destroy(error as Error));
  });
  server.keepAliveTimeout = 60_000;
  return server;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  state: ProviderState,
): Promise<void> {
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  if (request.headers["content-type"]?.startsWith("multipart/")) {
    return handleForm(request, response, { path, state });
  }
  const text = await readText(request);
  if (path.startsWith("/__control")) return handleControl(request, response, text, state);
  const body = parseBody(text);
  const fields = asObject(body);
  const method = request.method ?? "GET";
  const arrival = { method, path, headers: request.headers, body, at: Date.now() };
  const { id, close } = state.log.open(arrival, fields["model"]);
  const closed = watch(response, close);
  const reply = answer(method, path, fields);
  const fault = state.rules.take({ path, model: fields["model"], text, headers: request.headers });
  response.setHeader("x-fake-request-id", id);
  if (fault === undefined && reply.kind === "json") return sendJson(response, reply);
  await perform(reply, fault ?? {}, { response, gate: state.gate, ...closed });
}

/** A form is logged from its first byte on, so that a test sees what arrives, and what never does. */
async function handleForm(
  request: IncomingMessage,
  response: ServerResponse,
  { path, state }: { path: string; state: ProviderState },
): Promise<void> {
  const method = request.method ?? "POST";
  const arrival = { method, path, headers: request.headers, body: null, at: Date.now() };
  const { close, receive } = state.log.open(arrival, undefined);
  const closed = watch(response, close);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    receive((size += (chunk as Buffer).length), null);
  }
  const form = await readForm(Buffer.concat(chunks), request.headers);
  receive(size, form);
  const { headers } = request;
  const fault = state.rules.take({ path, model: form["model"], text: JSON.stringify(form), headers });
  await perform(answer(method, path, form), fault ?? {}, { response, gate: state.gate, ...closed });
}

async function perform(reply: Reply, fault: Fault, exchange: Parameters<typeof play>[1]): Promise<void> {
  await play(buildScript(reshape(reply, fault), fault), exchange);
}

/** The quick way out, with a content-length, for replies nothing is wrong with. */
function sendJson(response: ServerResponse, reply: Extract<Reply, { kind: "json" }>): void {
  const bytes = Buffer.from(JSON.stringify(reply.body));
  const headers = { "content-type": "application/json", "content-length": bytes.length };
  response.writeHead(reply.status, headers).end(bytes);
}

/** Records how the exchange ends, and gives the signal that it has. */
function watch(
  response: ServerResponse,
  close: (outcome: "finished" | "aborted" | "broken") => void,
): { closed: AbortSignal; onReset: () => void } {
  const controller = new AbortController();
  let broken = false;
  response.once("close", () => {
    close(broken ? "broken" : response.writableFinished ? "finished" : "aborted");
    controller.abort();
  });
  return { closed: controller.signal, onReset: () => void (broken = true) };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function parseBody(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
