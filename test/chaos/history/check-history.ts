import type { History } from "./history.ts";
import { gatherJobs, type JobRecord } from "./job-record.ts";
import type { Bounds, Law } from "./law.ts";
import { LAWS } from "./laws.ts";

export interface Violation {
  readonly law: string;
  /** The order's key, or what else it is about. */
  readonly about: string;
  readonly what: string;
}

/** Holds a history against every law; pure. An empty list says that nothing was lost or done twice. */
export function checkHistory(history: History, bounds: Bounds): readonly Violation[] {
  const jobs = gatherJobs(history);
  return [
    ...jobs.flatMap((job) => checkJob(job, bounds)),
    ...checkKeys(jobs),
    ...checkStrays(history, jobs),
    ...checkOutages(history),
    ...checkLog(history),
  ];
}

const checkJob = (job: JobRecord, bounds: Bounds): readonly Violation[] =>
  Object.entries(LAWS).flatMap(([law, check]) =>
    judge(check, job, bounds).map((what) => ({
      law,
      about: `${job.order.key} ${job.ids[0] ?? ""}`.trim(),
      what,
    })),
  );

/** What a law cannot read, it cannot find to be well. */
function judge(check: Law, job: JobRecord, bounds: Bounds): readonly string[] {
  try {
    return check(job, bounds);
  } catch (error) {
    return [`cannot be read: ${String(error)}`];
  }
}

/** No two keys share a job. */
function checkKeys(jobs: readonly JobRecord[]): readonly Violation[] {
  const owners = Map.groupBy(
    jobs.flatMap(({ order, ids }) => ids.map((id) => ({ key: order.key, id }))),
    ({ id }) => id,
  );
  return [...owners].flatMap(([id, of]) =>
    of.length > 1 ? [{ law: "one key a job", about: id, what: of.map(({ key }) => key).join(" and ") }] : [],
  );
}

/** No call is made for a job that nobody was told of, and no such job is in the list. */
function checkStrays({ calls, listed }: History, jobs: readonly JobRecord[]): readonly Violation[] {
  const known = new Set(jobs.flatMap(({ ids }) => ids));
  const strays = (law: string, ids: readonly (string | null)[]) =>
    ids
      .filter((id) => id === null || !known.has(id))
      .map((id) => ({ law, about: String(id), what: "no submission named this job" }));
  return [
    ...strays(
      "no stray call",
      calls.map(({ job }) => job),
    ),
    ...strays(
      "no stray job",
      listed.map(({ id }) => id),
    ),
  ];
}

/**
 * How many calls may be made in vain in all outages: a quarter for each job, as most wait until the provider is back;
 * and in each outage what is under way when it begins, and until each isolate has found out.
 */
const CALLS_IN_VAIN = 0.25;
const CALLS_AT_ONCE = 20;

function checkOutages({ outages, orders }: History): readonly Violation[] {
  const calls = outages.reduce((sum, outage) => sum + outage.calls, 0);
  return calls <= CALLS_IN_VAIN * orders.length + CALLS_AT_ONCE * outages.length
    ? []
    : [{ law: "few calls in an outage", about: `${outages.length} outages`, what: `${calls} calls` }];
}

function checkLog({ logged }: History): readonly Violation[] {
  const bugs = logged.get("bug") ?? 0;
  return bugs === 0 ? [] : [{ law: "no bug", about: "the gateway's log", what: `${bugs} lines` }];
}
