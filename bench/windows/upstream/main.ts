/**
 * An upstream of embeddings that has one device: a call of n texts takes a + b·n ms, and the next call
 * waits until it is done. `--base-ms 20 --item-ms 1` says how long; `--model` computes real embeddings
 * instead. `GET /tally` tells how many calls and texts there were.
 *
 * Prints `{"port":12345}` when it listens, on 127.0.0.1 only, and ends when its stdin closes.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { type Compute, loadModel } from "./model.ts";
import { startTimedDevice } from "./timed-device.ts";

interface Asked {
  readonly input: string | readonly string[];
  readonly model: string;
  readonly encoding_format?: "float" | "base64";
}

const { values } = parseArgs({
  options: {
    "base-ms": { type: "string" },
    "item-ms": { type: "string" },
    model: { type: "boolean", default: false },
  },
});
const compute: Compute = values.model
  ? await loadModel()
  : startTimedDevice(Number(values["base-ms"]), Number(values["item-ms"]));

const written = new WeakMap<Float32Array, string>();
const tally = { calls: 0, items: 0 };
/** When the device has done all that came before. */
let done: Promise<unknown> = Promise.resolve();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === "/tally") return respond(response, JSON.stringify(tally));
  const asked = (await json(request)) as Asked;
  const texts = typeof asked.input === "string" ? [asked.input] : asked.input;
  const arrivedAt = performance.now();
  const turn = done.then(() => {
    // Whoever has left by now is not computed for.
    if (response.destroyed) return undefined;
    tally.calls++;
    tally.items += texts.length;
    return compute(texts, arrivedAt);
  });
  done = turn;
  const vectors = await turn;
  if (vectors) respond(response, writeAnswer(asked, vectors));
}

function writeAnswer({ model, encoding_format: format }: Asked, vectors: readonly Float32Array[]): string {
  const data = vectors.map((vector, index) => {
    const embedding = format === "base64" ? writeBase64(vector) : [...vector];
    return { object: "embedding", index, embedding };
  });
  const used = vectors.length * 8;
  return JSON.stringify({ object: "list", data, model, usage: { prompt_tokens: used, total_tokens: used } });
}

/** A vector that is given for every text is written once. */
function writeBase64(vector: Float32Array): string {
  const known = written.get(vector) ?? Buffer.from(vector.buffer).toString("base64");
  written.set(vector, known);
  return known;
}

function respond(response: ServerResponse, body: string): void {
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  answer(request, response).catch(() => response.destroy());
});
process.stdin.once("close", () => process.exit(0)).resume();
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
