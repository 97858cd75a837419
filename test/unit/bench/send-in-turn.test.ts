import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { sendInTurn } from "../../../bench/load/send-in-turn.ts";

async function startServer(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/asked`, [Symbol.dispose]: () => server.close() };
}

const orderOf = (url: string) => ({
  url,
  headers: { authorization: "Bearer key" },
  body: '{"seed":{n}}',
  from: 8,
  connections: 2,
  requests: 5,
});

describe("load that is sent in turn", () => {
  it("makes every request once, each with its number, over as many connections as told", async () => {
    const asked: string[] = [];
    const connections = new Set<unknown>();
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      const { method, url, headers, socket } = request;
      connections.add(socket);
      asked.push(`${method} ${url} ${headers.authorization} ${await text(request)}`);
      response.write("in two ");
      response.end("chunks");
    };
    using server = await startServer((request, response) => void answer(request, response));
    const report = await sendInTurn(orderOf(server.url));
    expect(report.requests).toBe(5);
    expect(connections.size).toBe(2);
    const numbers = [10, 11, 12, 8, 9];
    expect(asked.toSorted()).toEqual(numbers.map((number) => `POST /asked Bearer key {"seed":${number}}`));
  });

  it("fails where one answer is no success", async () => {
    let answers = 0;
    using server = await startServer((_, response) => {
      response.writeHead(++answers === 3 ? 503 : 200).end("{}");
    });
    await expect(sendInTurn(orderOf(server.url))).rejects.toThrow("503");
  });

  it("fails where a connection ends before its answer", async () => {
    using server = await startServer((request) => request.socket.destroy());
    await expect(sendInTurn(orderOf(server.url))).rejects.toThrow("connection");
  });
});
