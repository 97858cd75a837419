import type { LoadReport } from "./load/protocol.ts";
import type { Bed, Plan } from "./bed.ts";
import { type Prepared, prepareScenario, rateOf, renumber } from "./prepare-scenario.ts";
import { readCpuMicroseconds } from "./processes/process-use.ts";
import { median } from "./report/median.ts";
import type { Group, Scenario } from "./scenario.ts";

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
  /** What it costs on top of its baseline in the same round, in microseconds. */
  readonly added: number | undefined;
  /** The smallest and the largest ratio of a round. */
  readonly spread: readonly [least: number, most: number] | undefined;
  /** Why it could not be measured. */
  readonly problem?: Problem;
}

export interface Problem {
  /** What another tree does not answer as this one does is not there, and no failure. */
  readonly kind: "failed" | "not there";
  readonly reason: string;
}

interface Sample {
  readonly cpuMicroseconds: number;
  readonly report: LoadReport;
}

/** Measures a group's scenarios in turn, round after round: A B C, A B C, ... */
export async function measureGroup(group: Group, bed: Bed, plan: Plan): Promise<Measurement[]> {
  const ready: Prepared[] = [];
  const problems = new Map<Scenario, Problem>();
  for (const scenario of group.scenarios) {
    try {
      const prepared = await prepareScenario(scenario, bed, plan);
      if (prepared) ready.push(prepared);
    } catch (error) {
      const kind = scenario.subject === "against" ? "not there" : "failed";
      problems.set(scenario, tell(bed, scenario, kind, error));
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
  problems: Map<Scenario, Problem>,
): Promise<Map<string, Sample>> {
  const samples = new Map<string, Sample>();
  for (const each of ready) {
    if (problems.has(each.scenario)) continue;
    try {
      samples.set(each.scenario.name, await run(each, bed));
    } catch (error) {
      problems.set(each.scenario, tell(bed, each.scenario, "failed", error));
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
  added: undefined,
  spread: undefined,
};

function tell({ say }: Bed, { name }: Scenario, kind: Problem["kind"], error: unknown): Problem {
  const reason = error instanceof Error ? error.message : String(error);
  say(`  ${name}: ${kind}, ${reason}`);
  return { kind, reason };
}

async function run({ server, order }: Prepared, bed: Bed): Promise<Sample> {
  const before = readCpuMicroseconds(server.pid);
  const report = await bed.load.run(renumber(order));
  const used = readCpuMicroseconds(server.pid) - before;
  return { cpuMicroseconds: used / report.requests, report };
}

function summarise(
  group: string,
  scenario: Scenario,
  rounds: readonly ReadonlyMap<string, Sample>[],
): Measurement {
  const samples = rounds.flatMap((round) => round.get(scenario.name) ?? []);
  const pairs = rounds.flatMap((round) => {
    const own = round.get(scenario.name)?.cpuMicroseconds;
    const base = round.get(scenario.baseline ?? "")?.cpuMicroseconds;
    return own === undefined || base === undefined ? [] : [{ own, base }];
  });
  const ratios = pairs.map(({ own, base }) => own / base);
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
    added: pairs.length > 0 ? median(pairs.map(({ own, base }) => own - base)) : undefined,
    spread: ratios.length > 0 ? [Math.min(...ratios), Math.max(...ratios)] : undefined,
  };
}

const write = (ready: readonly Prepared[], samples: ReadonlyMap<string, Sample>) =>
  ready.map(({ scenario }) => Math.round(samples.get(scenario.name)?.cpuMicroseconds ?? 0)).join(", ") +
  " µs";
