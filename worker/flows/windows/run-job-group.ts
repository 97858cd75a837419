import { groupAgain } from "../../domain/windows/group-again.ts";
import type { JobWindowEntry, UnitAgain } from "../../domain/windows/job-window-protocol.ts";
import { Deadline } from "../../domain/requests/deadline.ts";
import { err, ok } from "../../domain/result.ts";
import { resolveRoute, type Route } from "../../domain/routing/catalog.ts";
import type { WindowSpec } from "../../domain/windows/request-window-protocol.ts";
import { createLimiter } from "../../platform/limiter.ts";
import { answerGroup } from "./answer-group.ts";
import { askJobWindow } from "./enter-job-window.ts";
import type { GroupRun, Member, MemberEnd } from "./group-run.ts";
import { askJob, type JobServices } from "../jobs/job-services.ts";
import { buildJobCall, type Delivery, readRequest } from "../jobs/run-queued-job.ts";
import { LEASE_MS } from "../jobs/run-job.ts";
import { tellJobs, type Told } from "./tell-jobs.ts";

/** Calls of jobs' objects at once. */
const JOBS_AT_ONCE = 32;

/**
 * Runs the group of a window that is due, if any: claims it, makes its calls, reports each job's result to the
 * job's object, and tells the window which jobs are to be run again. Throws where the window cannot be reached:
 * then the lease runs out, and the next run reports this one to the jobs as lost.
 */
export async function runJobGroup(services: JobServices, window: string, delivery: Delivery): Promise<void> {
  const claim = await askJobWindow(services, window, (each) => each.claim(LEASE_MS));
  if (claim.kind === "none") return;
  const group: GroupRun = { ...claim.group, window };
  const work = new AbortController();
  const keeper = setInterval(() => void extend(services, group, () => work.abort()), LEASE_MS / 3);
  try {
    const again = await run(services, group, { ...delivery, signal: work.signal });
    if (!again) return;
    await askJobWindow(services, window, (each) => each.settle(group.id, group.run, again));
  } finally {
    clearInterval(keeper);
  }
}

interface WatchedDelivery extends Delivery {
  /** Aborts when another run has the lease. */
  readonly signal: AbortSignal;
}

/** Gives the jobs that are to be run again; undefined where the lease was lost, and the run does not count. */
async function run(
  services: JobServices,
  group: GroupRun,
  delivery: WatchedDelivery,
): Promise<readonly UnitAgain[] | undefined> {
  const inTurn = createLimiter(JOBS_AT_ONCE);
  const stands = await Promise.all(
    group.entries.map((entry) =>
      inTurn(async () => ({ entry, standing: await findStanding(services, group, entry) })),
    ),
  );
  const open = stands.filter(({ standing }) => standing === "open").map(({ entry }) => entry);
  const ends = await answer(services, group, open, delivery);
  if (delivery.signal.aborted) return undefined;
  const told = await tellJobs(services, group, ends, { inTurn, defer: delivery.defer });
  const unknown = stands.filter(({ standing }) => standing === "untold").map(({ entry }) => entry.id);
  return listAgain(services, group, told, unknown);
}

/** Answers the group under the current release; where the route is gone, every job has failed. */
async function answer(
  services: JobServices,
  group: GroupRun,
  entries: readonly JobWindowEntry[],
  delivery: WatchedDelivery,
): Promise<readonly MemberEnd[]> {
  const { spec } = group;
  const route = resolveRoute(delivery.release.catalog, spec.route, spec.task);
  if (!route.ok) {
    return entries.map((entry) => ({ entry, attempts: [], window: undefined, outcome: route }));
  }
  const members = entries.map((entry) => ({
    entry,
    call: buildCall(services, { route: route.value, spec }, entry, delivery),
  }));
  const { signal } = delivery;
  // A window may have jobs of several tenants, none of which anybody waits for.
  const inTurn = delivery.inTurn.of({ tenant: group.window, priority: "normal" });
  return answerGroup(services, group, { route: route.value, members, signal, inTurn });
}

/** Whether a job is still to be run. Where its last run was lost, that is first reported to its object. */
async function findStanding(
  services: JobServices,
  { window, run: number, lostRun }: GroupRun,
  { job: id, createdAt }: JobWindowEntry,
): Promise<"open" | "ended" | "untold"> {
  if (!lostRun) return "open";
  try {
    const lost = await askJob(services, id, (job) =>
      job.loseRun(number - 1, lostRun.startedAt, { window, createdAt }),
    );
    return lost.kind === "retry" ? "open" : "ended";
  } catch (error) {
    services.log.warn("job_not_told", { job: id, error });
    return "untold";
  }
}

/** The call that the job would make alone. */
function buildCall(
  { now }: JobServices,
  { route, spec: { task, priority } }: { readonly route: Route; readonly spec: WindowSpec },
  { job: id, tenant, keyId, request, metadata, cacheControl, completeBy }: JobWindowEntry,
  { signal, ...delivery }: WatchedDelivery,
): Member["call"] {
  const body = readRequest(task, new TextEncoder().encode(request));
  if (!body.ok) return err({ ...body.error, code: "invalid_request" });
  const facts = {
    tenant,
    keyId,
    task: task,
    metadata,
    cacheControl,
    traceparent: null,
    clientHeaders: {},
    priority: priority ?? ("normal" as const),
  };
  const call = buildJobCall({ id, facts, body: body.value, route, startedAt: now() }, delivery);
  return ok({ ...call, signal, deadline: new Deadline(Math.min(delivery.deadlineAt, completeBy)) });
}

async function extend(services: JobServices, group: GroupRun, stop: () => void): Promise<void> {
  try {
    const { kind } = await askJobWindow(services, group.window, (window) =>
      window.extend(group.id, group.run, LEASE_MS),
    );
    if (kind === "refused") stop();
  } catch (error) {
    services.log.warn("lease_not_extended", { group: group.id, error });
  }
}

/**
 * The units that are run again: the jobs that failed together, and those whose objects could not be reached.
 */
function listAgain(
  { now }: JobServices,
  { tries }: GroupRun,
  { retry, untold }: Told,
  unknown: readonly string[],
): readonly UnitAgain[] {
  const lost = [...untold, ...unknown];
  const lostUnit = { ids: lost, notBefore: now() + LEASE_MS, postponed: false, untold: true };
  return [...groupAgain(retry, tries), ...(lost.length > 0 ? [lostUnit] : [])];
}
