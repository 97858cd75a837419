import type { ChaosRun } from "./run-chaos.ts";
import { gatherJobs, type JobRecord } from "./history/job-record.ts";

/** How many violations are written out; the rest is counted. */
const SHOWN = 20;

/** What a run came to, as text: counts first, then what was violated. */
export function writeReport({ history, violations }: ChaosRun): string {
  const jobs = gatherJobs(history);
  const { submissions } = history;
  const documents = jobs.flatMap(({ last }) => last ?? []);
  const attempts = documents.flatMap((document) => document.attempts);
  const rows: [string, string | number][] = [
    ["jobs wanted", history.orders.length],
    ["  accepted", jobs.filter(({ ids }) => ids.length > 0).length],
    ...tally(
      "  ",
      documents.map(({ status, error }) => [status, error?.code].filter(Boolean).join(", ")),
    ),
    ["  asked to be canceled", history.changes.filter(({ change }) => change === "cancel").length],
    ["  deleted", history.changes.filter(({ change }) => change === "delete").length],
    ["  retries of others", history.orders.filter(({ retryOf }) => retryOf !== null).length],
    ["gateway killed", history.kills],
    ["outages of the provider", history.outages.length],
    ["  its calls in them", history.outages.reduce((sum, { calls }) => sum + calls, 0)],
    ["submissions", submissions.filter(({ replay }) => !replay).length],
    ["  lost with their connection", submissions.filter(({ reply }) => reply === null).length],
    ["  told to try again", submissions.filter(isTransient).length],
    ["replays compared", submissions.filter(({ replay }) => replay).length],
    ["jobs in the list", history.listed.length],
    ["looks at jobs", history.looks.length],
    ["outputs and event streams read", history.outputs.length + history.events.length],
    ["provider's calls", history.calls.length],
    ["  for the busiest job", Math.max(0, ...jobs.map(({ calls }) => calls))],
    ["webhooks to be told", history.orders.filter(({ webhook }) => webhook).length],
    ["  deliveries received", history.notices.length],
    ["attempts written down", attempts.length],
    ...tally(
      "  ",
      attempts.map(({ status, error }) => [status, error].filter((part) => part !== null).join(", ")),
    ),
    ...[...history.logged].map(([event, count]): [string, number] => [`log: ${event}`, count]),
    ["violations", violations.length],
  ];
  const lines = violations.slice(0, SHOWN).map(({ law, about, what }) => `  ${law}: ${about}: ${what}`);
  return [...rows.map(writeRow), ...lines].join("\n");
}

const isTransient = ({ reply }: JobRecord["submissions"][number]) =>
  reply !== null && reply.job === null && reply.status >= 500;

const tally = (indent: string, names: readonly string[]): [string, number][] =>
  [...Map.groupBy(names, (name) => name)]
    .map(([name, all]): [string, number] => [indent + name, all.length])
    .toSorted((a, b) => b[1] - a[1]);

const writeRow = ([name, value]: [string, string | number]) =>
  `${name.padEnd(44)} ${value.toLocaleString("en-US").padStart(8)}`;
