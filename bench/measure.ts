import type { LoadOrder, LoadReport } from "./load/protocol.ts";
import type { Load } from "./load/start-load.ts";
import { readCpuMicroseconds } from "./processes/process-use.ts";
import type { Server } from "./processes/start-upstream.ts";
import { median } from "./report/median.ts";
import type { Group, Scenario, Subject } from "./scenarios.ts";

/** How long each scenario runs: how often in turn, and for about how many seconds each time. */
export interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

export interface Bed {
  readonly load: Load;
  readonly upstreamUrl: string;
  readonly servers: ReadonlyMap<Subject, Server>;
  readonly say: (line: string) => void;
}

/** One scenario's numbers: medians over the rounds. */
export interface Measurement {
  readonly group: string;
  readonly scenario: Scenario;
  readonly requests: number;
  /** Of the process that answers, for one request. */
  readonly cpuMicroseconds: number;
  /** Milliseconds, under as much load as that process can take. */
  readonly latency: LoadReport["latency"];
  /** Requests a second, which is how the load was chosen and nothing to rely on. */
  readonly rate: number;
  /** What it costs of its baseline in the same round. */
  readonly ratio: number | undefined;
  /** The smallest and the largest ratio of a round. */
  readonly spread: readonly [least: number, most: number] | undefined;
  /** Why it could not be measured. */
  readonly problem?: string;
}

interface Prepared {
  readonly scenario: Scenario;
  readonly server: Server;
  readonly order: LoadOrder;
}

interface Sample {
  readonly cpuMicroseconds: number;
  readonly report: LoadReport;
}

/** Measures a group's scenarios in turn, round after round: A B C, A B C, ... */
export async function measureGroup(group: Group, bed: Bed, plan: Plan): Promise<Measurement[]> {
  const ready: Prepared[] = [];
  const problems = new Map<Scenario, string>();
  for (const scenario of group.scenarios) {
    try {
      const prepared = await prepare(scenario, bed, plan);
      if (prepared) ready.push(prepared);
    } catch (error) {
      problems.set(scenario, error instanceof Error ? error.message : String(error));
    }
  }
  const rounds: Map<string, Sample>[] = [];
  for (let round = 1; round <= plan.rounds; round++) {
    const samples = await runRound(ready, bed, problems);
    rounds.push(samples);
    bed.say(`  round ${round} of ${plan.rounds}: ${write(ready, samples)}`);
  }
  return group.scenarios.flatMap((scenario) => {
    const problem = problems.get(scenario);
    if (problem !== undefined) return [{ ...NOTHING, group: group.title, scenario, problem }];
    const measured = ready.some((each) => each.scenario === scenario);
    return measured ? [summarise(group.title, scenario, rounds)] : [];
  });
}

/** One that fails is left out from then on, and does not keep the others from being measured. */
async function runRound(
  ready: readonly Prepared[],
  bed: Bed,
  problems: Map<Scenario, string>,
): Promise<Map<string, Sample>> {
  const samples = new Map<string, Sample>();
  for (const each of ready) {
    if (problems.has(each.scenario)) continue;
    try {
      samples.set(each.scenario.name, await run(each, bed));
    } catch (error) {
      problems.set(each.scenario, error instanceof Error ? error.message : String(error));
    }
  }
  return samples;
}

const NOTHING = {
  requests: 0,
  cpuMicroseconds: Number.NaN,
  rate: Number.NaN,
  latency: { p50: Number.NaN, p99: Number.NaN },
  ratio: undefined,
  spread: undefined,
};

/** Requests get numbers of their own over the whole run, so that what is to be new is new. */
let nextNumber = 0;

/** Checks that the scenario is what it claims to be, warms it up, and finds how much it takes. */
async function prepare(scenario: Scenario, bed: Bed, plan: Plan): Promise<Prepared | undefined> {
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

const rateOf = ({ requests, seconds }: LoadReport) => requests / seconds;

/** Every connection makes as many requests as the others. */
const inTurns = ({ connections }: LoadOrder, requests: number) =>
  Math.max(1, Math.round(requests / connections)) * connections;

function renumber(order: LoadOrder, requests: number = order.requests): LoadOrder {
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

async function run({ server, order }: Prepared, bed: Bed): Promise<Sample> {
  const before = readCpuMicroseconds(server.pid);
  const report = await bed.load.run(renumber(order));
  const used = readCpuMicroseconds(server.pid) - before;
  if (report.failures > 0) throw new Error(`${report.failures} requests failed`);
  return { cpuMicroseconds: used / report.requests, report };
}

function summarise(
  group: string,
  scenario: Scenario,
  rounds: readonly ReadonlyMap<string, Sample>[],
): Measurement {
  const samples = rounds.flatMap((round) => round.get(scenario.name) ?? []);
  const ratios = rounds.flatMap((round) => {
    const own = round.get(scenario.name)?.cpuMicroseconds;
    const base = round.get(scenario.baseline ?? "")?.cpuMicroseconds;
    return own === undefined || base === undefined ? [] : [own / base];
  });
  return {
    group,
    scenario,
    requests: samples.reduce((sum, { report }) => sum + report.requests, 0),
    cpuMicroseconds: median(samples.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    rate: median(samples.map(({ report }) => rateOf(report))),
    latency: {
      p50: median(samples.map(({ report }) => report.latency.p50)),
      p99: median(samples.map(({ report }) => report.latency.p99)),
    },
    ratio: ratios.length > 0 ? median(ratios) : undefined,
    spread: ratios.length > 0 ? [Math.min(...ratios), Math.max(...ratios)] : undefined,
  };
}

const write = (ready: readonly Prepared[], samples: ReadonlyMap<string, Sample>) =>
  ready.map(({ scenario }) => Math.round(samples.get(scenario.name)?.cpuMicroseconds ?? 0)).join(", ") +
  " µs";
