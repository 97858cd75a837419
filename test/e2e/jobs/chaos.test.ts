import { afterEach, expect, it } from "vitest";
import { readOptions } from "../../chaos/options.ts";
import { writeReport } from "../../chaos/report.ts";
import { runChaos } from "../../chaos/run-chaos.ts";
import { findBuild } from "../deployment.ts";

/** `npm run chaos` in short; without webhooks, for a lost one is told again after a minute. */
const SHORT =
  "--seed 2 --jobs 60 --kills 2 --load-seconds 6 --settle-seconds 150 --webhook-rate 0 --outages 1";
/** Leases of killed runs last half a minute, and a resent job can be lost again. */
const TIMEOUT_MS = 240_000;

const given = new AbortController();
afterEach(() => given.abort());

it(
  "loses no job and gives none two outcomes, while it is killed and its provider fails",
  async () => {
    const options = readOptions(SHORT.split(" "));
    if (!options) throw new Error("these ask for no help");
    const ignore = () => undefined;
    const watcher = { say: ignore, killed: ignore, accepted: ignore, ended: ignore };
    const run = await runChaos(options, { ...findBuild("test"), watcher, signal: given.signal });
    const { history, violations } = run;
    expect(violations, writeReport(run)).toEqual([]);
    expect(history.kills).toBe(3);
    expect(history.outages).toMatchObject([{ lengthMs: 1000 }]);
    expect(history.changes.map(({ change }) => change)).toEqual(expect.arrayContaining(["cancel", "delete"]));
    const retries = history.orders.filter(({ retryOf }) => retryOf !== null).length;
    expect(retries).toBeGreaterThan(0);
    expect(history.orders).toHaveLength(60 + retries);
    expect(history.outputs.length).toBeGreaterThan(40);
    // A third of the provider's calls fail, so there are more of them than jobs.
    expect(history.calls.length).toBeGreaterThan(70);
  },
  TIMEOUT_MS,
);
