import { writeMarkdownTable } from "../markdown-table.ts";
import type { Measured } from "./outages.ts";

interface Column {
  readonly title: string;
  readonly read: (measured: Measured) => string;
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const seconds = (ms: number) => `${(ms / 1000).toFixed(0)} s`;

const columns: readonly Column[] = [
  { title: "target down for", read: ({ title }) => title },
  { title: "jobs answered", read: ({ survivedShare }) => percent(survivedShare) },
  { title: "calls a job", read: ({ callsPerJob }) => callsPerJob.toFixed(2) },
  { title: "most for one", read: ({ busiest }) => String(busiest) },
  { title: "half of them by", read: ({ medianLateMs }) => seconds(medianLateMs) },
  { title: "all by", read: ({ longestLateMs }) => seconds(longestLateMs) },
  { title: "without pauses: calls a job", read: ({ callsAlone }) => callsAlone.toFixed(2) },
  { title: "most for one", read: ({ busiestAlone }) => String(busiestAlone) },
];

/** What outages cost, as Markdown. */
export const writeOutageTable = (outages: readonly Measured[]): string =>
  writeMarkdownTable(
    columns.map(({ title }) => title),
    outages.map((measured) => columns.map(({ read }) => read(measured))),
  );
