import { afterEach, expect, it } from "vitest";
import { judgeSoak } from "../../soak/judge.ts";
import { readOptions } from "../../soak/options.ts";
import { runSoak } from "../../soak/run-soak.ts";
import { writeReport } from "../../soak/report.ts";
import { findBuild } from "../deployment.ts";

/** `npm run soak` in short, with a seed that has the first provider down for most of it. */
const SHORT = "--minutes 0.2 --rate 20 --seed 347";

const given = new AbortController();
afterEach(() => given.abort());

it("clients hardly notice that a target goes down, which is left alone then", async () => {
  const options = readOptions(SHORT.split(" "));
  if (!options) throw new Error("these ask for no help");
  const soak = await runSoak(options, { ...findBuild("test"), signal: given.signal, say: () => undefined });
  expect(judgeSoak(soak), writeReport(soak)).toEqual([]);
  expect(soak.requests).toBe(240);
  expect(soak.outages.length).toBeGreaterThan(0);
  expect(soak.outages[0]?.calls).toBeGreaterThan(0);
  expect(Math.min(...soak.residentBytes)).toBeGreaterThan(10_000_000);
});
