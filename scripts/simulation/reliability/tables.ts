import { percentile } from "../../../bench/report/percentile.ts";
import { writeMarkdownTable } from "../markdown-table.ts";
import { quantile } from "./hedging.ts";
import type { Results } from "./results.ts";

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const ms = (time: number) => `${Math.round(time).toLocaleString("en-US")} ms`;
const seconds = (time: number) => `${(time / 1000).toFixed(1)} s`;

/** The numbers behind the figure, and how soon breakers close, as Markdown. */
export const writeReliabilityTables = (results: Results): string =>
  [
    "A target that is down, by the requests that come a second:",
    writeAmplification(results),
    "Requests that are answered where calls fail at random:",
    writeFailures(results),
    "Answers that take 400 ms in the median (lognormal, σ 0.35), but for one in a hundred that takes 2 to 10 s:",
    writeHedging(results),
    "A year of brown-outs (one a day and target, of 90 min in the median, in which answers take 3 to 10 times as long):",
    writeYear(results),
    "From the end of an outage to the first call of the target, and the calls in vain until then:",
    writeRecovery(results),
  ].join("\n\n");

const writeAmplification = ({ amplified }: Results): string =>
  writeMarkdownTable(
    ["requests a second", "three retries each", "with the budget alone", "with the breaker"],
    amplified.map(({ load, unbounded, budget, breaker }) => [
      String(load),
      ...[unbounded, budget, breaker].map((calls) => `${calls.toFixed(2)} calls`),
    ]),
  );

const writeFailures = ({ survived }: Results): string =>
  writeMarkdownTable(
    ["calls that fail", "asked once", "one target", "two targets"],
    survived.map(({ share, once, one, two }) => [percent(share), percent(once), percent(one), percent(two)]),
  );

const writeHedging = ({ hedged: { plain, hedged } }: Results): string =>
  writeMarkdownTable(
    ["", "p50", "p95", "p99", "p99.9", "calls a request"],
    [["without hedges", plain] as const, ["`hedge: {}`", hedged] as const].map(
      ([name, { times, callsPerRequest }]) => [
        name,
        ...[0.5, 0.95, 0.99, 0.999].map((share) => ms(quantile(times, share))),
        callsPerRequest.toFixed(3),
      ],
    ),
  );

const writeYear = ({ year: { fixed, fastest } }: Results): string =>
  writeMarkdownTable(
    ["", "p50", "p90", "p95", "p99"],
    [
      ...fixed.map((times, at) => [`target ${at + 1} alone`, times] as const),
      ["`fastest`", fastest] as const,
    ].map(([name, times]) => [name, ...[0.5, 0.9, 0.95, 0.99].map((share) => ms(percentile(times, share)))]),
  );

const writeRecovery = ({ recovered }: Results): string =>
  writeMarkdownTable(
    [
      "down for",
      "the only target",
      "beside another",
      "at most",
      "calls in vain",
      "at most by 30, 60, 90, … s",
    ],
    recovered.map(({ title, aloneMs, besideMs, pauseMs, inVain, multiplesMs }) => [
      title,
      seconds(aloneMs),
      seconds(besideMs),
      seconds(pauseMs),
      String(inVain),
      seconds(multiplesMs),
    ]),
  );
