import { POLICY_NAMES, type PolicyName } from "../policies.ts";
import { KEEPS_UP, type Point, type Sweep } from "../sweep.ts";
import type { Panel, PanelLine, Tag } from "./panel.ts";

export const LABELS: Readonly<Record<PolicyName, string>> = {
  greedy: "greedy window",
  fixed5: "5 ms window",
  fixed20: "20 ms window",
  fixed50: "50 ms window",
  separate: "one call each",
};

/** Drawn last, so that the first policy is on top of the others. */
const drawn = POLICY_NAMES.toReversed();

const DEADLINE = { y: 100, text: "deadline, 100 ms" };

/** How long half of all answers take at most. */
export const drawMedians = (sweep: Sweep, yTicks: readonly number[]): Panel => ({
  title: "Median latency",
  unit: "ms",
  lines: listLines(sweep, ({ medianMs }) => medianMs),
  tags: listLowTags(sweep),
  yTicks,
  limit: DEADLINE,
});

/** How long all answers but one in a hundred take at most. */
export const drawTails = (sweep: Sweep, yTicks: readonly number[]): Panel => ({
  title: "99th percentile of latency",
  unit: "ms",
  lines: listLines(sweep, ({ p99Ms }) => p99Ms),
  tags: [],
  yTicks,
  limit: DEADLINE,
});

/** How many are answered within the deadline. */
export const drawAnswered = (sweep: Sweep, yTicks: readonly number[]): Panel => ({
  title: "Answered in time",
  unit: "requests a second",
  lines: listLines(sweep, ({ inTimePerSecond }) => inTimePerSecond, "in full"),
  tags: listHighTags(sweep),
  yTicks,
});

/** How many calls are made for 1,000 requests. */
export const drawCalls = (sweep: Sweep): Panel => ({
  title: "Upstream calls for 1,000 requests",
  unit: "calls",
  lines: listLines(sweep, ({ callsPer1000 }) => callsPer1000),
  tags: [],
  yTicks: [0, 250, 500, 750, 1000],
});

function listLines(
  sweep: Sweep,
  read: (point: Point) => number,
  overload: "faint" | "in full" = "faint",
): PanelLine[] {
  return drawn.map((name) => ({
    name,
    points: sweep[name].map((point) => ({
      x: point.load,
      y: read(point),
      held: overload !== "faint" || point.inTimeShare >= KEEPS_UP,
    })),
  }));
}

/** At one request a second, where the lines are apart: the cost of waiting when no other request comes. */
function listLowTags(sweep: Sweep): Tag[] {
  return POLICY_NAMES.flatMap((name) => {
    const [first] = sweep[name];
    if (!first || name === "separate") return [];
    const text = `${LABELS[name]}, ${first.medianMs.toFixed(0)} ms`;
    return [{ name, text, x: 1.05, y: first.medianMs, down: name === "greedy" ? 15 : -6 }];
  });
}

/** At 2,000 a second: how many are still answered with and without the window. */
function listHighTags(sweep: Sweep): Tag[] {
  return (["greedy", "separate"] as const).flatMap((name) => {
    const last = sweep[name].at(-1);
    if (!last) return [];
    const text = `${LABELS[name]}, ${last.inTimePerSecond.toFixed(0)} a second`;
    return [{ name, text, x: 2000, y: last.inTimePerSecond, down: -9, end: true }];
  });
}
