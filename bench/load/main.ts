/**
 * Makes load in a process of its own: as many requests at once as it is told, with autocannon, or ones
 * that come at their own times. Takes orders and gives reports over IPC.
 */
import autocannon from "autocannon";
import type { ArrivalsOrder, LoadOrder, LoadReport } from "./protocol.ts";
import { sendArrivals } from "./send-arrivals.ts";

/** One answer that does not come within this many seconds is a failure. */
const TIMEOUT_SECONDS = 30;

/** autocannon looks this often whether it is done. */
const LOOK_EVERY_MS = 20;

async function run(order: LoadOrder): Promise<LoadReport> {
  const startedAt = performance.now();
  let endedAt = startedAt;
  const { promise: finished, resolve, reject } = Promise.withResolvers<autocannon.Result>();
  const options: autocannon.Options = {
    url: order.url,
    method: "POST",
    headers: order.headers,
    body: order.body,
    requests: order.body.includes("{n}") ? [{ setupRequest: number(order) }] : [{}],
    connections: order.connections,
    amount: order.requests,
    timeout: TIMEOUT_SECONDS,
    sampleInt: LOOK_EVERY_MS,
  };
  const running = autocannon(options, (error: unknown, result) => {
    if (error) reject(new Error("autocannon failed", { cause: error }));
    else resolve(result);
  });
  void running.on("response", () => {
    endedAt = performance.now();
  });
  const result = await finished;
  return {
    requests: result["2xx"] + result.non2xx,
    failures: result.non2xx + result.errors + result.timeouts,
    seconds: (endedAt - startedAt) / 1000,
    latency: { p50: result.latency.p50, p99: result.latency.p99 },
  };
}

/** Gives each request its own number. */
function number({ body, from }: LoadOrder): (request: autocannon.Request) => autocannon.Request {
  const [before = "", after = ""] = body.split("{n}");
  let next = from;
  return (request) => ({ ...request, body: `${before}${next++}${after}` });
}

process.on("message", (order: LoadOrder | ArrivalsOrder) => {
  const work: Promise<unknown> = "connections" in order ? run(order) : sendArrivals(order);
  work.then(
    (report) => process.send?.({ report }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once("disconnect", () => process.exit(0));
