import { LABELS } from "./chart/panels.ts";
import { writeMarkdownTable } from "./markdown-table.ts";
import { POLICY_NAMES, type PolicyName } from "./policies.ts";
import { type Case, CASES, type Delay, KEEPS_UP, type Point, type Sweep, type Sweeps } from "./sweep.ts";

/** The loads in the tables: little, and far too much. */
const LOW = 20;
const HIGH = 2000;
/** The loads at which a wait for others is compared. */
export const DELAY_LOADS = [20, 100, 400];

interface Column {
  readonly title: string;
  readonly read: (points: readonly Point[], name: PolicyName) => string;
}

const columns: readonly Column[] = [
  { title: "", read: (_, name) => LABELS[name] },
  { title: `median at ${LOW}/s`, read: (points) => writeMs(findPoint(points, LOW)?.medianMs) },
  { title: "p99", read: (points) => writeMs(findPoint(points, LOW)?.p99Ms) },
  { title: "calls per 1,000", read: (points) => write(findPoint(points, LOW)?.callsPer1000) },
  { title: "keeps up to", read: (points) => `${findKept(points)?.load ?? 0}/s` },
  { title: "items a call there", read: (points) => write(findKept(points)?.meanGroup, 1) },
  { title: "in time at 2,000/s", read: (points) => `${write(findPoint(points, HIGH)?.inTimePerSecond)}/s` },
];

/** The last load up to which the policy answers nearly all in time. */
export function findKept(points: readonly Point[]): Point | undefined {
  const lost = points.findIndex(({ inTimeShare }) => inTimeShare < KEEPS_UP);
  return lost === -1 ? points.at(-1) : points[lost - 1];
}

/** One table a case, and one of waits, as Markdown. */
export function writeTables(sweeps: Sweeps, delays: readonly Delay[]): string {
  return [
    writeCase(CASES.steep, sweeps.steep),
    writeCase(CASES.triton, sweeps.triton),
    `What a wait for company costs and saves, in the first case:\n\n${writeDelays(delays)}`,
  ].join("\n\n");
}

function writeCase({ title }: Case, sweep: Sweep): string {
  const rows = POLICY_NAMES.map((name) => columns.map(({ read }) => read(sweep[name], name)));
  const titles = columns.map((column) => column.title);
  return `${title}:\n\n${writeMarkdownTable(titles, rows)}`;
}

function writeDelays(delays: readonly Delay[]): string {
  const titles = [
    "`maxDelayMs`",
    ...DELAY_LOADS.flatMap((load) => [`median at ${load}/s`, "calls per 1,000"]),
  ];
  const rows = delays.map(({ maxDelayMs, points }) => [
    `${maxDelayMs} ms`,
    ...points.flatMap(({ medianMs, callsPer1000 }) => [writeMs(medianMs), write(callsPer1000)]),
  ]);
  return writeMarkdownTable(titles, rows);
}

const findPoint = (points: readonly Point[], load: number) => points.find((point) => point.load === load);

const write = (value: number | undefined, digits = 0) => value?.toFixed(digits) ?? "";

const writeMs = (value: number | undefined) => `${write(value, 1)} ms`;
