import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { readResidentBytes } from "../../helpers/resident-bytes.ts";
import { API_KEY, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
const MB = 1024 * 1024;

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

/** Waits until memory has stopped growing. */
async function settle(): Promise<number> {
  let before = await readResidentBytes("workerd");
  for (let looks = 0; looks < 20; looks++) {
    await wait(500);
    const now = await readResidentBytes("workerd");
    if (now - before < MB) return now;
    before = now;
  }
  return before;
}

it("two hundred clients that never read hold what the isolate has for them, and no more", async () => {
  await app.primary.fault({ kind: "flood", sizeBytes: 4 * MB });
  await (await app.chat({ ...chat("warm"), stream: false })).text();
  const before = await settle();
  const clients = await Promise.all([
    ...Array.from({ length: 160 }, (_, at) => ask(chat(`stream ${at}`))),
    ...Array.from({ length: 40 }, (_, at) =>
      ask(chat(`job ${at}`), { "idempotency-key": `never read ${at}` }),
    ),
  ]);
  await app.primary.waitForRequests(200, { timeoutMs: 30_000 });
  const during = await settle();
  expect(during - before).toBeLessThan(250 * MB);
  for (const client of clients) client.resetAndDestroy();
  await app.primary.reset();
  const answer = await app.chat({ ...chat("afterwards"), stream: false });
  expect(answer.status).toBe(200);
});
