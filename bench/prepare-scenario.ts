import type { LoadOrder, LoadReport } from "./load/protocol.ts";
import type { Bed, Plan } from "./bed.ts";
import type { Server } from "./processes/start-upstream.ts";
import type { Scenario } from "./scenario.ts";

export interface Prepared {
  readonly scenario: Scenario;
  readonly server: Server;
  readonly order: LoadOrder;
}

/** Requests get numbers of their own over the whole run, so that what is to be new is new. */
let nextNumber = 0;

/**
 * Checks that the scenario is what it claims to be, warms it up, and finds how much it takes; undefined
 * where nobody is there to answer it.
 */
export async function prepareScenario(
  scenario: Scenario,
  bed: Bed,
  plan: Plan,
): Promise<Prepared | undefined> {
  const server = bed.servers.get(scenario.subject);
  if (!server) return undefined;
  const headers = Object.entries(scenario.headers).map(([name, value]) => [
    name,
    value.replace("{upstream}", bed.upstreamUrl),
  ]);
  const order = {
    url: server.url + scenario.path,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: scenario.body,
    from: 0,
    connections: scenario.connections,
    requests: scenario.connections,
  };
  if (scenario.expect) await probe(order);
  await probe(order, scenario.expect);
  const first = await bed.load.run(renumber(order));
  const warm = await bed.load.run(renumber(order, rateOf(first) * plan.warmUpSeconds));
  return { scenario, server, order: { ...order, requests: inTurns(order, rateOf(warm) * plan.seconds) } };
}

export const rateOf = ({ requests, seconds }: LoadReport) => requests / seconds;

/** Every connection makes as many requests as the others. */
const inTurns = ({ connections }: LoadOrder, requests: number) =>
  Math.max(1, Math.round(requests / connections)) * connections;

/** The same order, with numbers that no request has had. */
export function renumber(order: LoadOrder, requests: number = order.requests): LoadOrder {
  const from = nextNumber;
  const count = inTurns(order, requests);
  nextNumber += count;
  return { ...order, from, requests: count };
}

async function probe(order: LoadOrder, expect?: Scenario["expect"]): Promise<void> {
  const body = order.body.replace("{n}", String(nextNumber++));
  const response = await fetch(order.url, { method: "POST", headers: order.headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`it answers ${response.status}: ${text.slice(0, 100)}`);
  if (!expect) return;
  const value = response.headers.get(expect.header) ?? "";
  if (!expect.pattern.test(value)) throw new Error(`its ${expect.header} is "${value}"`);
}
