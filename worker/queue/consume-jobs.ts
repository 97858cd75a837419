import { takeTurns } from "../domain/jobs/take-turns.ts";
import type { JobServices } from "../flows/jobs/job-services.ts";
import { runJobGroup } from "../flows/windows/run-job-group.ts";
import { type Delivery, runQueuedJob } from "../flows/jobs/run-queued-job.ts";
import { createFairLimiter } from "../platform/fair-limiter.ts";
import { createLimiter } from "../platform/limiter.ts";
import { readJobMessage } from "./read-job-message.ts";

/**
 * The platform lets six connections of an invocation wait for their headers. A seventh would be queued by it
 * while its time-out runs, so no more calls are made at once; one connection is left for everything else.
 * When the queue grows, the platform starts more consumers.
 */
const CALLS_AT_ONCE = 5;
/**
 * Jobs of one delivery that run at once: those answered from a cache or inside the Worker need no upstream
 * call. Those that do are done in two rounds.
 */
const JOBS_AT_ONCE = 2 * CALLS_AT_ONCE;
/**
 * After this, jobs that would have to wait for slow calls are given back to the queue, behind what has come
 * meanwhile.
 */
const SLICE_MS = 1000;
/** The platform gives a delivery 15 minutes. */
const DELIVERY_MS = 14 * 60_000;
const MAX_BACKOFF_MS = 300_000;

/**
 * Runs the jobs of one delivery, in turns of its messages. Each message is acknowledged or retried by itself, so
 * that a failure does not affect the others. Never throws, for that would deliver all of them again.
 */
export async function consumeJobs(
  services: JobServices,
  messages: readonly Message[],
  { release, defer }: Pick<Delivery, "release" | "defer">,
): Promise<void> {
  const startedAt = services.now();
  const inTurn = createFairLimiter(CALLS_AT_ONCE);
  const delivery = { deadlineAt: startedAt + DELIVERY_MS, defer, release, inTurn };
  const runs = createLimiter(JOBS_AT_ONCE);
  const givesWay = () => inTurn.isFull() && services.now() >= startedAt + SLICE_MS;
  const ends = new Map<Message, Promise<End>[]>(messages.map((message) => [message, []]));
  const work = messages.map((message) => readWork(services, message));
  for (const { message, named } of takeTurns(work)) {
    const end = runs(() => run(named, services, delivery, givesWay));
    ends.get(message)?.push(end);
  }
  const settled = [...ends].map(async ([message, all]) =>
    settle(services, message, await Promise.all(all), defer),
  );
  await Promise.all(settled);
  services.tell.flush(defer);
}

type Named = { readonly job: string } | { readonly window: string };

/** What became of a job or a group: it was run or needs no run, it is to wait for another delivery, or neither. */
type End = "done" | "failed" | { readonly job: string };

function readWork(services: JobServices, message: Message) {
  const { jobs, window } = readJobMessage(message, services);
  const all: Named[] = [...jobs.map((job) => ({ job })), ...(window === undefined ? [] : [{ window }])];
  return all.map((named) => ({ message, named }));
}

/** A window's group is never given back: only the window itself could send its message again. */
async function run(
  named: Named,
  services: JobServices,
  delivery: Delivery,
  givesWay: () => boolean,
): Promise<End> {
  if (services.now() >= delivery.deadlineAt) return "failed";
  if ("job" in named && givesWay()) return named;
  try {
    if ("job" in named) await runQueuedJob(services, named.job, delivery);
    else await runJobGroup(services, named.window, delivery);
    return "done";
  } catch (error) {
    services.log.warn("job_delivery_failed", { ...named, error });
    return "failed";
  }
}

/** Retries a message where one of its jobs' objects was not reached; else another has those that are given back. */
function settle(
  services: JobServices,
  message: Message,
  ends: readonly End[],
  defer: Delivery["defer"],
): void {
  if (ends.includes("failed")) {
    const backoffMs = Math.min(MAX_BACKOFF_MS, 1000 * 2 ** Math.min(message.attempts, 10));
    return message.retry({ delaySeconds: Math.ceil((services.random() * backoffMs) / 1000) });
  }
  for (const end of ends) if (typeof end === "object") services.announce(end.job, defer);
  message.ack();
}
