import { bold, dim, print } from "../launcher/terminal.ts";
import { priceJobs, type SubmissionReport } from "./job-report.ts";
import { formatCount } from "./progress.ts";
import { renderTable, type Column } from "./table.ts";

type Fact = readonly [name: string, read: (report: SubmissionReport) => string];

const count = (read: (report: SubmissionReport) => number) => (report: SubmissionReport) =>
  formatCount(read(report));

const FACTS: readonly Fact[] = [
  ["jobs submitted", count(({ jobs }) => jobs)],
  ["new jobs", count(({ fresh }) => fresh)],
  ["  succeeded at the 1st attempt", count(({ doneAt }) => doneAt[0])],
  ["  succeeded at the 2nd", count(({ doneAt }) => doneAt[1])],
  ["  succeeded at the 3rd or later", count(({ doneAt }) => doneAt[2])],
  ["  failed", count(({ failed }) => failed)],
  ["replays of a job that was there", count(({ replayed }) => replayed)],
  ["  with the same id", count(({ sameId }) => sameId)],
  ["  with the same answer, byte for byte", count(({ sameAnswer }) => sameAnswer)],
  ["calls that the provider received", count(({ calls }) => calls)],
  ["  failed", count(countFailed)],
  ["submit to result, median", ({ medianMs }) => formatTime(medianMs)],
  ["submit to result, p95", ({ p95Ms }) => formatTime(p95Ms)],
  ["cost", ({ usd }) => `$${usd.toFixed(4)}`],
];

interface Row {
  readonly name: string;
  readonly first: string;
  readonly again: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "", read: ({ name }) => name, align: "left" },
  { title: "first time", read: ({ first }) => first },
  { title: "     again", read: ({ again }) => again },
];

/** Prints what the two submissions showed, side by side. */
export function printJobs(first: SubmissionReport, again: SubmissionReport): void {
  const rows = FACTS.map(([name, read]) => ({ name, first: read(first), again: read(again) }));
  const [header = "", ...lines] = renderTable(COLUMNS, rows);
  print(bold(header));
  for (const line of lines) print(line);
  const reasons = [...first.failures].toSorted((a, b) => b[1] - a[1]);
  const tally = reasons.map(([reason, times]) => `${formatCount(times)} ${reason}`).join(", ");
  print(dim("The provider counts its calls itself; how they failed is on the jobs' records:"));
  print(dim(`${tally}.`));
  print(dim(`Cost: the jobs' token counts at the price of ${priceJobs([]).label}, an estimate.`));
}

function countFailed({ failures }: SubmissionReport): number {
  return failures.values().reduce((sum, times) => sum + times, 0);
}

const formatTime = (ms: number): string =>
  ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
