import * as fc from "fast-check";
import { expect } from "vitest";
import type { HostileRequest } from "../../helpers/hostile-requests.ts";
import { readResidentBytes } from "../../helpers/resident-bytes.ts";
import { API_KEY, type Deployment } from "../deployment.ts";
import { expectLawful, type Read } from "../inference/response-law.ts";

/**
 * What is drawn is the same at every run, so that a failure is nobody's bad luck; fast-check prints seed and
 * path of one. `npm run fuzz` draws another, and more of it.
 */
const SEED = Number(process.env["HEADRACE_FUZZ_SEED"] ?? 20_261_122);
const TIMES = Number(process.env["HEADRACE_FUZZ_RUNS"] ?? 1);
/** On a machine that is busy fewer will do; and what fails is made smaller by requests, not for ever. */
const TIME_LIMIT_MS = 25_000 * Math.max(1, TIMES);
/** How long vitest waits for one test: the time limit, the shrinking of what has failed, and the ends of all jobs. */
export const FUZZ_TIMEOUT_MS = 60_000 + 2 * TIME_LIMIT_MS;

export const settings = (numRuns: number) => ({
  seed: SEED,
  numRuns: Math.round(numRuns * TIMES),
  interruptAfterTimeLimit: TIME_LIMIT_MS,
  reporter,
});

/** Says how many were drawn, too: those for which there was time. */
function reporter<T>(run: fc.RunDetails<T>): void {
  console.log(
    `${run.numRuns} inputs${run.interrupted ? `, until its ${TIME_LIMIT_MS / 1000} s were over` : ""}`,
  );
  if (run.failed) throw new Error(fc.defaultReportMessage(run), { cause: run.errorInstance });
}

/** Sends a request, reads its answer to the end, and holds it to the law. */
export async function send(app: Deployment, { method, path, headers, body }: HostileRequest): Promise<Read> {
  const all = {
    authorization: `Bearer ${API_KEY}`,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...headers,
  };
  const response = await fetch(app.gateway.url + path, {
    method,
    headers: all,
    ...(body === undefined ? {} : { body }),
  });
  return expectLawful(response, { method, path, headers: all });
}

interface Drawn {
  readonly statuses: Readonly<Record<number, number>>;
  /** Of the jobs that were made. */
  readonly ids: ReadonlySet<string>;
}

interface Looking {
  /** Tried before any that is drawn. */
  readonly examples?: readonly HostileRequest[];
  /** What an answer must be besides lawful. */
  readonly check?: (read: Read) => void;
}

/** Draws requests, holds each answer to the law, and gives how often each status came. */
export async function fuzz(
  app: Deployment,
  requests: fc.Arbitrary<HostileRequest>,
  numRuns: number,
  { examples = [], check = () => {} }: Looking = {},
): Promise<Drawn> {
  const statuses: Record<number, number> = {};
  const ids = new Set<string>();
  const memory = watchMemory(settings(numRuns).numRuns);
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const read = await send(app, request);
      check(read);
      await memory.count();
      statuses[read.status] = (statuses[read.status] ?? 0) + 1;
      const id = read.headers.get("location")?.split("/").at(-1);
      if (id !== undefined) ids.add(id);
    }),
    { ...settings(numRuns), examples: examples.map((example): [HostileRequest] => [example]) },
  );
  await memory.check();
  return { statuses, ids };
}

/** From how many inputs on it can be told whether memory grows with them. */
const MANY = 5000;
/** Caches that fill, and garbage that is not collected as long as the machine has memory: seen are up to 124 MB. */
const MAX_GROWTH_BYTES = 192 * 1024 * 1024;

/** Compares the gateway's memory after the first fifth of many inputs with that after the last. */
function watchMemory(inputs: number) {
  let seen = 0;
  let before: number | undefined;
  return {
    async count() {
      if (++seen === Math.round(inputs / 5) && inputs >= MANY) before = await readResidentBytes("workerd");
    },
    async check() {
      if (before === undefined) return;
      expect((await readResidentBytes("workerd")) - before).toBeLessThan(MAX_GROWTH_BYTES);
    },
  };
}

/** Nothing that was sent has been a bug of the gateway's. */
export function expectNoBugs(app: Deployment): void {
  const bugs = app.gateway
    .logs()
    .filter(({ message }) => /"event":"(bug|job_alarm_failed|flight_failed|listener_failed)"/.test(message));
  expect(bugs).toEqual([]);
}
