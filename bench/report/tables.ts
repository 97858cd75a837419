import { type Column, renderTable } from "../../scripts/demo/table.ts";
import { listJobSections, type Section } from "./job-tables.ts";
import type { GoalRow, MeasuredRow, Results } from "./results.ts";
import { listScalingSections } from "./scaling-tables.ts";
import { listWindowSections } from "./window-tables.ts";

const ratio = (value: number | undefined) => (value === undefined ? "" : `${value.toFixed(2)}×`);
const judge = (value: number | undefined, goal: number | undefined) =>
  value === undefined || goal === undefined || Number.isNaN(value) ? "" : value <= goal ? "met" : "missed";
const micro = (value: number) => (Number.isNaN(value) ? "" : value.toFixed(0));

const describeProblem = ({ problem }: MeasuredRow) =>
  problem?.kind === "not there" ? problem.kind : problem?.reason;

const measured: readonly Column<MeasuredRow>[] = [
  { title: "scenario", read: ({ scenario }) => scenario, align: "left" },
  { title: "CPU µs", read: ({ cpuMicroseconds }) => micro(cpuMicroseconds) },
  { title: "of", read: ({ baseline = "" }) => baseline, align: "left" },
  { title: "ratio", read: (row) => ratio(row.ratio) },
  { title: "rounds", read: ({ spread }) => spread?.map((one) => one.toFixed(2)).join("-") ?? "" },
  { title: "added µs", read: ({ added }) => (added === undefined ? "" : added.toFixed(0)) },
  { title: "goal", read: writeGoal },
  { title: "", read: (row) => describeProblem(row) ?? judgeRow(row), align: "left" },
];

function writeGoal({ goal, mostAdded }: MeasuredRow): string {
  if (mostAdded !== undefined) return `≤ ${mostAdded} µs`;
  return goal === undefined ? "" : `≤ ${goal}×`;
}

const judgeRow = ({ ratio: value, added, goal, mostAdded }: MeasuredRow): string =>
  mostAdded === undefined ? judge(value, goal) : judge(added, mostAdded);

const goals: readonly Column<GoalRow>[] = [
  { title: "what", read: ({ what }) => what, align: "left" },
  { title: "value", read: ({ value, unit }) => `${value.toFixed(1)} ${unit}` },
  { title: "goal", read: ({ goal, unit }) => (goal === undefined ? "" : `≤ ${goal} ${unit}`) },
  { title: "", read: ({ value, goal }) => judge(Number(value.toFixed(1)), goal), align: "left" },
];

interface Share {
  readonly name: string;
  readonly share: number;
}

const shares: readonly Column<Share>[] = [
  { title: "share", read: ({ share }) => `${(share * 100).toFixed(1)} %` },
  { title: "where", read: ({ name }) => name, align: "left" },
];

/** All tables of a run, in the order they are read. */
export function listSections(results: Results): Section[] {
  const groups = [...new Set(results.measurements.map(({ group }) => group))];
  const parts = results.bundleParts.map(({ name, bytes }) => ({ name, kilobytes: bytes / 1024 }));
  return [
    ...groups.map((group) => ({
      title: `CPU a request: ${group}`,
      columns: measured,
      rows: results.measurements.filter((row) => row.group === group),
    })),
    ...(results.scaling ? listScalingSections(results.scaling) : []),
    ...(results.jobs ? listJobSections(results.jobs) : []),
    ...(results.windows ? listWindowSections(results.windows) : []),
    { title: "Sizes, start and memory", columns: goals, rows: results.sizes },
    { title: "What the bundle's code is, minified", columns: partColumns, rows: parts },
    ...results.profiles.map(({ name, stages }) => ({
      title: `Where the time goes: ${name}`,
      columns: shares,
      rows: stages.filter(({ share }) => share >= 0.005).map(({ stage, share }) => ({ name: stage, share })),
    })),
  ].filter(({ rows }) => rows.length > 0);
}

interface Part {
  readonly name: string;
  readonly kilobytes: number;
}

const partColumns: readonly Column<Part>[] = [
  { title: "KB", read: ({ kilobytes }) => kilobytes.toFixed(1) },
  { title: "of", read: ({ name }) => name, align: "left" },
];

/** For a terminal. */
export const writeText = (results: Results): string =>
  listSections(results)
    .map(({ title, columns, rows }) => `\n${title}\n${renderTable(columns, rows as never[]).join("\n")}`)
    .join("\n");

/** For the documentation. */
export const writeMarkdown = (results: Results): string =>
  listSections(results)
    .map(({ title, columns, rows }) => `### ${title}\n\n${writeMarkdownTable(columns, rows as never[])}`)
    .join("\n\n");

function writeMarkdownTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ align }) => (align === "left" ? "---" : "--:"))),
    ...rows.map((row) => line(columns.map(({ read }) => read(row)))),
  ].join("\n");
}
