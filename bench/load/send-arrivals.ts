import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { drawArrivalTimes } from "./arrival-times.ts";
import type { Arrival, ArrivalsOrder, ArrivalsReport } from "./protocol.ts";

const SEED = 20_261_122;
const TIMEOUT_MS = 30_000;

/** Far more than are ever open at once here: a request that waits for a connection would not be open load. */
const CONNECTIONS = 512;

/** Sends each request when it is due, and waits for all answers. */
export async function sendArrivals(order: ArrivalsOrder): Promise<ArrivalsReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const startedAt = now();
  const sending: Promise<Arrival>[] = [];
  let worstDelayMs = 0;
  for (const time of drawArrivalTimes(order.ratePerSecond, order.requests, SEED)) {
    const dueAt = startedAt + time;
    const early = dueAt - now();
    if (early > 0) await wait(early);
    worstDelayMs = Math.max(worstDelayMs, now() - dueAt);
    sending.push(send(order, order.from + sending.length, dueAt, agent));
  }
  const arrivals = await Promise.all(sending);
  agent.destroy();
  return { arrivals, worstDelayMs };
}

/** Finer than a millisecond, and comparable with the clock of another process. */
const now = () => performance.timeOrigin + performance.now();

function send(order: ArrivalsOrder, number: number, dueAt: number, agent: Agent): Promise<Arrival> {
  const write = (text: string) => text.replaceAll("{n}", String(number));
  const headers = Object.entries(order.headers).map(([name, value]) => [name, write(value)]);
  const body = write(order.body);
  const { promise, resolve } = Promise.withResolvers<Arrival>();
  const fail = () => resolve({ dueAt, answeredAt: now(), status: 0, location: null });
  const outgoing = request(
    order.url,
    {
      method: "POST",
      agent,
      timeout: TIMEOUT_MS,
      headers: { ...Object.fromEntries(headers), "content-length": Buffer.byteLength(body) },
    },
    (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      response.once("error", fail).resume();
      response.once("end", () =>
        resolve({ dueAt, answeredAt: now(), status, location: answered.location ?? null }),
      );
    },
  );
  outgoing.once("timeout", () => outgoing.destroy()).once("error", fail);
  outgoing.end(body);
  return promise;
}
