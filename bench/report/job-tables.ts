import type { Column } from "../../scripts/demo/table.ts";
import type { CostRow, GatheredTiming, JobResults } from "../jobs/job-results.ts";
import { CPU_GOAL } from "../jobs/job-scenarios.ts";
import type { JobTiming, Times } from "../jobs/measure-jobs.ts";

export interface Section {
  readonly title: string;
  readonly columns: readonly Column<never>[];
  readonly rows: readonly unknown[];
}

const judge = (value: number, goal: number | undefined) =>
  goal === undefined ? "" : value <= goal ? "met" : "missed";
const rate = ({ ratePerSecond }: { readonly ratePerSecond?: number }) =>
  ratePerSecond === undefined ? "" : String(ratePerSecond);
const times = ({ p50, p99 }: Times) => `${p50.toFixed(0)} / ${p99.toFixed(0)}`;
const amount = (value: number) => (value === 0 ? "" : value.toFixed(2));

const cpu: readonly Column<JobTiming>[] = [
  { title: "jobs", read: ({ name }) => name, align: "left" },
  { title: "a second", read: rate },
  { title: "CPU µs", read: ({ cpuMicroseconds }) => cpuMicroseconds.toFixed(0) },
  { title: "ratio", read: ({ ratio }) => (ratio === undefined ? "" : `${ratio.toFixed(2)}×`) },
  { title: "rounds", read: ({ spread }) => spread?.map((one) => one.toFixed(2)).join("-") ?? "" },
  { title: "goal", read: ({ ratio }) => (ratio === undefined ? "" : `≤ ${CPU_GOAL}×`) },
  {
    title: "",
    read: ({ ratio }) => (ratio === undefined ? "" : judge(Number(ratio.toFixed(2)), CPU_GOAL)),
    align: "left",
  },
];

type Waited = Pick<JobTiming, "name" | "ratePerSecond" | "ended"> &
  Partial<Pick<JobTiming, "answered">> &
  Partial<Pick<GatheredTiming, "goalMs">>;

const waits: readonly Column<Waited>[] = [
  { title: "jobs", read: ({ name }) => name, align: "left" },
  { title: "a second", read: rate },
  { title: "answer p50 / p99 ms", read: ({ answered }) => (answered ? times(answered) : "") },
  { title: "outcome p50 / p99 ms", read: ({ ended }) => (ended ? times(ended) : "") },
  { title: "goal for p50", read: ({ goalMs }) => (goalMs === undefined ? "" : `≤ ${goalMs} ms`) },
  { title: "", read: ({ ended, goalMs }) => (ended ? judge(ended.p50, goalMs) : ""), align: "left" },
];

export const costs: readonly Column<CostRow>[] = [
  { title: "what", read: ({ what }) => what, align: "left" },
  { title: "a second", read: rate },
  { title: "Worker requests", read: ({ use }) => amount(use.workerRequests) },
  { title: "object requests", read: ({ use }) => amount(use.objectRequests) },
  { title: "rows written", read: ({ use }) => amount(use.rowsWritten) },
  { title: "queue operations", read: ({ use }) => amount(use.queueOperations) },
  { title: "CPU ms", read: ({ use }) => amount(use.cpuMs) },
  { title: "USD a million", read: ({ costUsd }) => costUsd.toFixed(2) },
  { title: "goal", read: ({ goalUsd }) => (goalUsd === undefined ? "" : `≤ ${goalUsd.toFixed(1)}`) },
  { title: "", read: ({ costUsd, goalUsd }) => judge(Number(costUsd.toFixed(2)), goalUsd), align: "left" },
];

/** The tables of a run's jobs. */
export function listJobSections({ timings, gathered, costs: rows }: JobResults): Section[] {
  const waited: Waited[] = [
    ...timings,
    { ...gathered, name: `queued, where the queue waits ${gathered.batchTimeoutMs / 1000} s for more` },
  ];
  return [
    { title: "Jobs: CPU a job", columns: cpu, rows: timings },
    { title: "Jobs: time to the answer, and to the outcome", columns: waits, rows: waited },
    { title: "Jobs: what one asks of the platform, and what a million cost", columns: costs, rows },
  ];
}
