import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { openInspector } from "../../../bench/profile/inspector.ts";
import { API_KEY, says, useDeployment } from "../deployment.ts";

const app = useDeployment({ inspected: true });
const MB = 1024 * 1024;
/** Long enough for the providers to send what is taken. */
const SETTLE_MS = 4000;

/** Sends a request, and reads nothing of its answer. */
async function ask(body: object, headers: Readonly<Record<string, string>> = {}): Promise<Socket> {
  const { hostname, port } = new URL(app.gateway.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {}).pause();
  await once(socket, "connect");
  const text = JSON.stringify(body);
  const all = {
    host: hostname,
    authorization: `Bearer ${API_KEY}`,
    "content-type": "application/json",
    "content-length": String(text.length),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.write(["POST /v1/chat/completions HTTP/1.1", ...lines, "", text].join("\r\n"));
  return socket;
}

const chat = (text: string) => ({ model: "chat", messages: says(text), temperature: 0, stream: true });

/** What the isolate holds, garbage aside: its heap, and the buffers behind that. */
async function readHeld(): Promise<number> {
  await using inspector = await openInspector(app.gateway.inspectorUrl ?? "", "headrace-test");
  await inspector.send("HeapProfiler.enable");
  await inspector.send("HeapProfiler.collectGarbage");
  const usage = (await inspector.send("Runtime.getHeapUsage")) as Record<string, number>;
  return (usage["usedSize"] ?? 0) + (usage["backingStorageSize"] ?? 0);
}

it("two hundred clients that never read hold what the isolate has for them, and no more", async () => {
  await app.primary.fault({ kind: "flood", sizeBytes: 4 * MB });
  const clients = await Promise.all([
    ...Array.from({ length: 160 }, (_, at) => ask(chat(`stream ${at}`))),
    ...Array.from({ length: 40 }, (_, at) =>
      ask(chat(`job ${at}`), { "idempotency-key": `never read ${at}` }),
    ),
  ]);
  await app.primary.waitForRequests(200, { timeoutMs: 30_000 });
  await wait(SETTLE_MS);
  // They have asked for 800 MB; the gateway itself takes some 15, and an isolate may take 128.
  expect(await readHeld()).toBeLessThan(80 * MB);
  for (const client of clients) client.resetAndDestroy();
  await app.primary.reset();
  const answer = await app.chat({ ...chat("afterwards"), stream: false });
  expect(answer.status).toBe(200);
});
