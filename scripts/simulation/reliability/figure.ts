import { STYLE } from "../chart/style.ts";
import { quantile } from "./hedging.ts";
import { drawPlot, type Line, type Plot, PLOT_HEIGHT, PLOT_WIDTH } from "./plot.ts";
import type { Results } from "./results.ts";

const WIDTH = 960;
const LEFT = 66;
const TOP = 112;
const GAP = 60;
const ROW = PLOT_HEIGHT + 92;
const HEIGHT = TOP + ROW + PLOT_HEIGHT + 58;

/** The figure of retries, breakers, hedges and `fastest`: an SVG that needs nothing but itself. */
export function drawReliability(results: Results): string {
  const plots = [drawDown(results), drawFailing(results), drawTail(results), drawYear(results)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="name about">`,
    `<title id="name">Retries, breakers, hedges and choice of targets, simulated</title>`,
    `<desc id="about">Calls of a target that is down, requests answered where calls fail at random, times with and without hedges, and a year of brown-outs.</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="10"/>`,
    `<text class="ink heading" x="28" y="38">When providers fail, or are slow</text>`,
    `<text class="soft" x="28" y="60">The gateway's own plans, retries, budgets, breakers and hedges on a virtual clock; only the targets are played.</text>`,
    ...plots.map((plot, index) => {
      const x = LEFT + (index % 2) * (PLOT_WIDTH + GAP);
      return `<g transform="translate(${x} ${TOP + Math.floor(index / 2) * ROW})">\n${drawPlot(plot)}\n</g>`;
    }),
    "</svg>",
    "",
  ].join("\n");
}

const drawDown = ({ amplified }: Results): Plot => ({
  title: "The only target is down",
  x: {
    name: "requests a second",
    form: "logarithmic",
    ticks: [1, 2, 5, 10, 20, 50, 100, 200, 500].map((load) => [load, String(load)]),
  },
  y: {
    name: "calls a request",
    form: "linear",
    ticks: [0, 1, 2, 3, 4].map((calls) => [calls, String(calls)]),
  },
  lines: [
    {
      kind: "separate",
      label: "three retries each",
      ...trace(amplified, ({ load, unbounded }) => [load, unbounded]),
      labelAt: -1,
      down: 16,
      end: true,
    },
    {
      kind: "fixed5",
      label: "with the retry budget alone",
      ...trace(amplified, ({ load, budget }) => [load, budget]),
      labelAt: -1,
      down: -10,
      end: true,
    },
    {
      kind: "greedy",
      label: "with the breaker",
      ...trace(amplified, ({ load, breaker }) => [load, breaker]),
      labelAt: -1,
      down: -10,
      end: true,
    },
  ],
});

const SHARES: Plot["y"]["ticks"] = [0, 0.25, 0.5, 0.75, 1].map((share) => [share, `${share * 100} %`]);

const drawFailing = ({ survived }: Results): Plot => ({
  title: "Calls fail at random",
  x: {
    name: "share of the calls that fail",
    form: "linear",
    ticks: survived.map(({ share }) => [share, `${(share * 100).toFixed(0)} %`]),
  },
  y: { name: "requests answered", form: "linear", ticks: SHARES },
  lines: [
    {
      kind: "separate",
      label: "asked once",
      ...trace(survived, ({ share, once }) => [share, once]),
      labelAt: 2,
      down: 26,
      end: true,
    },
    {
      kind: "fixed5",
      label: "one target",
      ...trace(survived, ({ share, one }) => [share, one]),
      labelAt: 5,
      down: 26,
      end: true,
    },
    {
      kind: "greedy",
      label: "two targets",
      ...trace(survived, ({ share, two }) => [share, two]),
      labelAt: 5,
      right: 6,
      down: -6,
    },
  ],
});

/** Percentiles by how many requests take longer: one in 2, 10, 100, 1,000. */
const TAILS: Plot["x"]["ticks"] = [
  [2, "p50"],
  [4, "p75"],
  [10, "p90"],
  [20, "p95"],
  [100, "p99"],
  [1000, "p99.9"],
];
const TIMES: Plot["y"]["ticks"] = [
  [200, "0.2"],
  [500, "0.5"],
  [1000, "1"],
  [2000, "2"],
  [5000, "5"],
  [10_000, "10"],
];

function drawTail({ hedged }: Results): Plot {
  const draw = (kind: Line["kind"], label: string, times: readonly number[], place: Place): Line => ({
    ...place,
    kind,
    label,
    points: spread(2, 1000).map((oneIn) => [oneIn, quantile(times, 1 - 1 / oneIn)]),
  });
  return {
    title: "One answer in a hundred is slow",
    x: { name: "percentile", form: "logarithmic", ticks: TAILS },
    y: { name: "seconds", form: "logarithmic", ticks: TIMES },
    lines: [
      draw("separate", "without hedges", hedged.plain.times, { labelAt: -9, right: -8, down: -6, end: true }),
      draw(
        "greedy",
        `hedged, ${((hedged.hedged.callsPerRequest - 1) * 100).toFixed(1)} % more calls`,
        hedged.hedged.times,
        { labelAt: -1, down: 36, end: true },
      ),
    ],
  };
}

function drawYear({ year }: Results): Plot {
  const draw = (kind: Line["kind"], label: string, took: readonly number[], place: Place): Line => {
    const times = took.toSorted((one, other) => one - other);
    return {
      ...place,
      kind,
      label,
      points: spread(2, 100).map((oneIn) => [oneIn, quantile(times, 1 - 1 / oneIn)]),
    };
  };
  const [one = [], two = [], three = []] = year.fixed;
  return {
    title: "A year of brown-outs",
    x: { name: "percentile", form: "logarithmic", ticks: TAILS.slice(0, -1) },
    y: { name: "seconds", form: "logarithmic", ticks: TIMES },
    lines: [
      draw("separate", "", one, { labelAt: 0, down: 0 }),
      draw("separate", "", two, { labelAt: 0, down: 0 }),
      draw("separate", "each target alone", three, { labelAt: -12, right: -8, down: -14, end: true }),
      draw("greedy", "the fastest of three", year.fastest, { labelAt: -28, right: 12, down: 16 }),
    ],
  };
}

type Place = Pick<Line, "labelAt" | "right" | "down" | "end">;

const trace = <P>(
  measured: readonly P[],
  read: (point: P) => readonly [number, number],
): Pick<Line, "points"> => ({ points: measured.map(read) });

/** Sixty values at the same ratio, the first and the last included. */
const spread = (from: number, to: number): readonly number[] =>
  Array.from({ length: 60 }, (_, at) => from * (to / from) ** (at / 59));
