import type { Arrival } from "../load/protocol.ts";
import type { Load } from "../load/start-load.ts";
import { readCpuMicroseconds } from "../processes/process-use.ts";
import type { Server } from "../processes/start-upstream.ts";
import { bodyOf, HEADERS, OBJECTIVE_MS } from "./window-cases.ts";

export interface WindowBed {
  readonly load: Load;
  readonly worker: Server;
  readonly upstream: Server;
}

export interface Offer {
  readonly route: string;
  readonly ratePerSecond: number;
  readonly requests: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came of a run; its first tenth meets a window that knows nothing yet, and is left out. */
export interface Outcome {
  /** From when each answered request was due to its answer, in milliseconds. */
  readonly latencies: readonly number[];
  /** Of all requests, those that were answered within the objective. */
  readonly inTimeShare: number;
  /** Answers a second for as long as requests came. */
  readonly answersPerSecond: number;
  readonly failures: number;
  /** Of the Worker's process with its objects, for each request of the run. */
  readonly cpuMicroseconds: number;
  /** What the upstream has seen, the first tenth included. */
  readonly calls: number;
  readonly items: number;
  readonly worstDelayMs: number;
}

const WARM_UP = 0.1;

let nextNumber = 0;

/** Sends requests as they come, whether or not the ones before are answered, and waits for all answers. */
export async function offerLoad(bed: WindowBed, offer: Offer): Promise<Outcome> {
  const { route, ratePerSecond, requests, headers = HEADERS } = offer;
  const [seen, used] = [await readTally(bed.upstream), readCpuMicroseconds(bed.worker.pid)];
  const from = nextNumber;
  nextNumber += requests;
  const url = `${bed.worker.url}/v1/embeddings`;
  const order = { url, headers, body: bodyOf(route), from, ratePerSecond, requests };
  const { arrivals, worstDelayMs } = await bed.load.arrive(order);
  const cpuMicroseconds = (readCpuMicroseconds(bed.worker.pid) - used) / requests;
  const { calls, items } = await readTally(bed.upstream);
  return {
    ...summarise(arrivals),
    cpuMicroseconds,
    calls: calls - seen.calls,
    items: items - seen.items,
    worstDelayMs,
  };
}

/** A load that comes later than this is no open load; then it is the machine that had no time. */
const LATE_MS = 15;
const MOST_TRIES = 3;

/** The same, made again where the load itself was late; at the third time it counts as it is. */
export async function offerUndisturbed(bed: WindowBed, offer: Offer): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    const outcome = await offerLoad(bed, offer);
    if (outcome.worstDelayMs <= LATE_MS || tries === MOST_TRIES) return outcome;
  }
}

type Summary = Pick<Outcome, "latencies" | "inTimeShare" | "answersPerSecond" | "failures">;

function summarise(arrivals: readonly Arrival[]): Summary {
  const counted = arrivals.slice(Math.floor(arrivals.length * WARM_UP));
  const answered = counted.filter(({ status }) => status === 200);
  const latencies = answered.map(({ dueAt, answeredAt }) => answeredAt - dueAt);
  const first = counted[0]?.dueAt ?? Number.NaN;
  const last = counted.at(-1)?.dueAt ?? Number.NaN;
  const meanwhile = arrivals.filter(
    ({ status, answeredAt }) => status === 200 && answeredAt >= first && answeredAt <= last,
  );
  return {
    latencies,
    inTimeShare: latencies.filter((ms) => ms <= OBJECTIVE_MS).length / counted.length,
    answersPerSecond: (meanwhile.length * 1000) / (last - first),
    failures: counted.length - answered.length,
  };
}

interface Tally {
  readonly calls: number;
  readonly items: number;
}

const readTally = async ({ url }: Server): Promise<Tally> =>
  (await (await fetch(`${url}/tally`)).json()) as Tally;
