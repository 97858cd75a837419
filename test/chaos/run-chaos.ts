import { setTimeout as pause } from "node:timers/promises";
import type { GatewayProcess } from "./gateway/gateway-process.ts";
import { checkHistory, type Violation } from "./history/check-history.ts";
import type { History, SeenOutage, Wanted } from "./history/history.ts";
import { nameCalls } from "./history/name-calls.ts";
import { Recorder } from "./history/recorder.ts";
import { Client } from "./load/client.ts";
import {
  type AcceptedJob,
  changeJob,
  inspectJobs,
  placeOrder,
  waitUntilListed,
  waitUntilTold,
} from "./load/run-orders.ts";
import { buildPlan, type ChaosOptions, type Plan } from "./plan.ts";
import { API_KEY, type Build, readCalls, readNotices, type Servers, startServers } from "./servers.ts";

export interface ChaosRun {
  readonly history: History;
  readonly violations: readonly Violation[];
}

/** What goes on, for who watches. */
export interface Watcher {
  readonly say: (line: string) => void;
  readonly killed: (kills: number) => void;
  readonly accepted: () => void;
  /** How many jobs have ended, as the list has it. */
  readonly ended: (count: number) => void;
}

export interface ChaosPlace extends Build {
  readonly watcher: Watcher;
  /** Gives up. */
  readonly signal: AbortSignal;
}

/** What the test deployment's routes for this give a job. */
const BOUNDS = { maxAttempts: 8 };

/**
 * Submits jobs to a gateway that is killed again and again, over a provider that fails, until every job
 * has ended or its time is up; kills it once more, so that all that is seen then comes from its storage;
 * looks at everything, and holds it against the laws.
 */
export async function runChaos(options: ChaosOptions, place: ChaosPlace): Promise<ChaosRun> {
  await using stack = new AsyncDisposableStack();
  const { gateway, provider, receiver } = await startServers(stack, place);
  const plan = buildPlan(options);
  await provider.mix(plan.mix);
  const recorder = new Recorder();
  const ports = { gateway, recorder, apiKey: API_KEY, webhookUrl: `${receiver.url}/hooks` };
  const client = (signal: AbortSignal) => new Client({ ...ports, signal });

  const { jobs, outages } = await loadAndKill(client, { gateway, provider, receiver, plan, options, place });
  place.watcher.say("killing it once more, and looking at every job again");
  await crash(gateway, place.watcher);
  const listed = (await client(place.signal).list()) ?? [];
  await inspectJobs(client(place.signal), jobs);
  place.signal.throwIfAborted();

  const retries = jobs.filter(({ retryOf }) => retryOf !== null);
  const orders = [...plan.orders.map((order) => ({ order, retryOf: null })), ...retries].map(describeOrder);
  const history: History = {
    orders,
    submissions: recorder.submissions,
    looks: recorder.looks,
    outputs: recorder.outputs,
    events: recorder.events,
    changes: recorder.changes,
    calls: nameCalls(await readCalls(provider), plan.orders, recorder.submissions),
    notices: await readNotices(receiver),
    listed,
    kills: gateway.kills,
    outages,
    logged: gateway.logged,
  };
  return { history, violations: checkHistory(history, BOUNDS) };
}

const describeOrder = ({ order, retryOf }: Pick<AcceptedJob, "order" | "retryOf">): Wanted => ({
  ...order.kind,
  key: order.key,
  text: order.text,
  webhook: order.webhook,
  retryOf,
});

interface Load extends Servers {
  readonly plan: Plan;
  readonly options: ChaosOptions;
  readonly place: ChaosPlace;
}

async function loadAndKill(
  client: (signal: AbortSignal) => Client,
  { gateway, provider, receiver, plan, options, place }: Load,
): Promise<{ readonly jobs: readonly AcceptedJob[]; readonly outages: readonly SeenOutage[] }> {
  const { watcher } = place;
  const patience = new AbortController();
  const signal = AbortSignal.any([place.signal, patience.signal]);
  const loading = Promise.all(
    plan.orders.map(async (order) => {
      const job = await placeOrder(client(signal), order, signal);
      if (!job) return [];
      watcher.accepted();
      return changeJob(client(signal), job, signal);
    }),
  );
  // Where the gateway does not come back, the loop below is the one that says so.
  loading.catch(() => undefined);
  const outages: Promise<SeenOutage>[] = [];
  const breakDown = (kills: number) => {
    const due = plan.outages.filter(({ afterKills }) => afterKills === kills);
    for (const outage of due) {
      const passed = passOutage(provider, outage, place.signal);
      passed.catch(() => undefined);
      outages.push(passed);
    }
  };
  breakDown(0);
  for (const [kills, lifeMs] of plan.livesMs.entries()) {
    await pause(lifeMs, undefined, { signal: place.signal });
    await crash(gateway, watcher);
    breakDown(kills + 1);
  }
  setTimeout(() => patience.abort(), options.settleSeconds * 1000).unref();
  watcher.say("no more kills for now; waiting until the list has the end of every job");
  const jobs = (await loading).flat();
  await waitUntilListed(client(signal), jobs, { signal, ended: watcher.ended });
  watcher.say("waiting until all webhooks are told");
  await waitUntilTold(() => readNotices(receiver), jobs, signal);
  return { jobs, outages: await Promise.all(outages) };
}

/** Has the provider break down, and counts what it is asked meanwhile. */
async function passOutage(
  provider: Servers["provider"],
  { lengthMs }: Plan["outages"][number],
  signal: AbortSignal,
): Promise<SeenOutage> {
  const before = (await provider.stats()).received;
  await provider.breakDown({ kind: "status", status: 503 });
  await pause(lengthMs, undefined, { signal });
  await provider.breakDown();
  return { lengthMs, calls: (await provider.stats()).received - before };
}

async function crash(gateway: GatewayProcess, { killed }: Watcher): Promise<void> {
  await gateway.crash();
  killed(gateway.kills);
}
