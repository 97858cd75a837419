import { setTimeout as pause } from "node:timers/promises";
import { type FakeProvider, startFakeProvider } from "../helpers/fake-provider-client.ts";
import { SOAK_TIMES } from "../fixtures/deployment/soak-routes.ts";
import { startGateway } from "../helpers/gateway.ts";
import { readResidentBytes } from "../helpers/resident-bytes.ts";
import type { SeenOutage, Soak } from "./judge.ts";
import { sendLoad } from "./load.ts";
import type { SoakOptions } from "./options.ts";
import { buildPlan, KINDS, type Outage } from "./plan.ts";

const API_KEY = "hr_test_50a450a450a450a450a450a450a450a4";
const SAMPLES = 200;
const LONGEST_BETWEEN_MS = 1000;

export interface SoakPlace {
  readonly configPath: string;
  readonly outDir: string;
  readonly signal: AbortSignal;
  /** Told how a run goes. */
  readonly say: (line: string) => void;
}

/** Loads the built Worker while its first provider goes down and up, and gives what was seen. */
export async function runSoak(options: SoakOptions, place: SoakPlace): Promise<Soak> {
  await using stack = new AsyncDisposableStack();
  const provider = stack.use(await startFakeProvider());
  const other = stack.use(await startFakeProvider());
  const vars = {
    HEADRACE_API_KEY: API_KEY,
    PRIMARY_URL: `${provider.url}/v1`,
    PRIMARY_KEY: "sk-soak",
    SECONDARY_URL: `${other.url}/v1`,
  };
  const { configPath, outDir, say } = place;
  const { url } = stack.use(await startGateway({ configPath, outDir, vars }));
  const over = new AbortController();
  const signal = AbortSignal.any([place.signal, over.signal]);
  const forMs = options.minutes * 60_000;
  const seen = { requests: 0, lateMs: 0, errors: [] as string[], residentBytes: [] as number[] };
  const outages = passOutages(buildPlan(options), { provider, say, signal });
  const sampling = sample(seen.residentBytes, Math.min(LONGEST_BETWEEN_MS, forMs / SAMPLES), signal);
  try {
    await sendLoad({
      url,
      apiKey: API_KEY,
      rate: options.rate,
      forMs,
      signal: place.signal,
      sent: (count, lateMs) => {
        seen.requests = count;
        seen.lateMs = Math.max(seen.lateMs, lateMs);
      },
      failed: (why) => {
        seen.errors.push(why);
        say(`failed: ${why}`);
      },
    });
  } finally {
    over.abort();
    await sampling;
  }
  return { ...seen, outages: await outages, rate: options.rate, timeoutMs: SOAK_TIMES.timeoutMs };
}

async function sample(bytes: number[], everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    bytes.push(await readResidentBytes("workerd"));
    await waitFor(everyMs, signal);
  }
}

const waitFor = (ms: number, signal: AbortSignal) =>
  pause(Math.max(0, ms), undefined, { signal }).catch(() => undefined);

interface Course extends Pick<SoakPlace, "say" | "signal"> {
  readonly provider: FakeProvider;
}

/** Has the provider break down as planned until the load is over, and counts what it is asked meanwhile. */
async function passOutages(
  plan: readonly Outage[],
  { provider, say, signal }: Course,
): Promise<readonly SeenOutage[]> {
  const startedAt = performance.now();
  const until = (ms: number) => waitFor(ms - (performance.now() - startedAt), signal);
  const seen: SeenOutage[] = [];
  for (const outage of plan) {
    await until(outage.fromMs);
    if (signal.aborted) break;
    const before = (await provider.stats()).received;
    await provider.breakDown(KINDS[outage.kind]);
    await until(outage.untilMs);
    const calls = (await provider.stats()).received - before;
    await provider.breakDown();
    seen.push({ ...outage, calls });
    say(`was down (${outage.kind}) for ${outage.untilMs - outage.fromMs} ms: ${calls} calls`);
  }
  return seen;
}
