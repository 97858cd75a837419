import type { Column } from "../../scripts/demo/table.ts";
import { MOST, type Point } from "../scaling/judge-growth.ts";
import type { ScalingResult } from "../scaling/run-scaling.ts";
import type { Section } from "./job-tables.ts";

/** What is said of a series stands beside its largest size. */
type Row = Point & Pick<ScalingResult, "title" | "unit" | "expected"> & { readonly series?: ScalingResult };

const columns: readonly Column<Row>[] = [
  { title: "what", read: ({ title }) => title, align: "left" },
  { title: "size", read: ({ size, unit }) => `${size.toLocaleString("en-US")} ${unit}` },
  { title: "CPU µs", read: ({ cpuMicroseconds }) => cpuMicroseconds.toFixed(0) },
  { title: "µs a unit", read: writeShare },
  { title: "grows as", read: ({ series }) => (series ? writeGrowth(series) : "") },
  { title: "goal", read: ({ series }) => (series ? writeGoal(series) : "") },
  { title: "", read: ({ series }) => series?.problem ?? series?.growth.verdict ?? "", align: "left" },
];

/** What is to be the same at any size has no share of it. */
function writeShare({ size, cpuMicroseconds, expected }: Row): string {
  const share = cpuMicroseconds / size;
  return expected === "flat" ? "" : share.toFixed(share < 100 ? 1 : 0);
}

function writeGrowth({ expected, growth: { exponent, ratio } }: ScalingResult): string {
  if (expected === "flat") return `${ratio.toFixed(2)}×`;
  return exponent === undefined ? "" : `n^${exponent.toFixed(2)}`;
}

const writeGoal = ({ expected }: ScalingResult) => (expected === "flat" ? `≤ ${MOST}×` : `≤ n^${MOST}`);

/** The table of a run's series. */
export const listScalingSections = (results: readonly ScalingResult[]): Section[] => [
  {
    title: "Scaling: CPU a request by size",
    columns,
    rows: results.flatMap((series) =>
      series.points.map((point, at): Row => {
        const { title, unit, expected, points } = series;
        return { ...point, title, unit, expected, ...(at === points.length - 1 ? { series } : {}) };
      }),
    ),
  },
];
