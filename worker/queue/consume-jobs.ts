import type { JobServices } from "../flows/jobs/job-services.ts";
import { runJobGroup } from "../flows/windows/run-job-group.ts";
import { type Delivery, runQueuedJob } from "../flows/jobs/run-queued-job.ts";
import { createLimiter } from "../platform/limiter.ts";
import { readJobMessage } from "./read-job-message.ts";

/**
 * Jobs of one delivery that run at once: those answered from a cache or inside the Worker need no upstream
 * call.
 */
const JOBS_AT_ONCE = 32;
/**
 * The platform lets six connections of an invocation wait for their headers. A seventh would be queued by it
 * while its time-out runs, so no more calls are made at once; one connection is left for everything else.
 * When the queue grows, the platform starts more consumers.
 */
const CALLS_AT_ONCE = 5;
/** The platform gives a delivery 15 minutes. */
const DELIVERY_MS = 14 * 60_000;
const MAX_BACKOFF_MS = 300_000;

/**
 * Runs the jobs of one delivery. Each message is acknowledged or retried by itself, so that a failure does not
 * affect the others. Never throws, for that would deliver all of them again.
 */
export async function consumeJobs(
  services: JobServices,
  messages: readonly Message[],
  { release, defer }: Pick<Delivery, "release" | "defer">,
): Promise<void> {
  const inTurn = createLimiter(CALLS_AT_ONCE);
  const delivery = { deadlineAt: services.now() + DELIVERY_MS, defer, release, inTurn };
  const runs = createLimiter(JOBS_AT_ONCE);
  const run: Run = {
    job: (id) => runs(() => deliver({ job: id }, services, delivery, runQueuedJob)),
    group: (window) => runs(() => deliver({ window }, services, delivery, runJobGroup)),
  };
  await Promise.all(messages.map((message) => consume(services, message, run)));
  services.tell.flush(defer);
}

/** Runs a job or a group when its turn comes; tells whether its message can be acknowledged. */
interface Run {
  readonly job: (id: string) => Promise<boolean>;
  readonly group: (window: string) => Promise<boolean>;
}

/** Acknowledges a message when each of its jobs was run, or needs no run; else retries it. */
async function consume(services: JobServices, message: Message, run: Run): Promise<void> {
  const { jobs, window } = readJobMessage(message, services);
  const done = await Promise.all([
    ...jobs.map(run.job),
    ...(window === undefined ? [] : [run.group(window)]),
  ]);
  if (done.every(Boolean)) return message.ack();
  const backoffMs = Math.min(MAX_BACKOFF_MS, 1000 * 2 ** Math.min(message.attempts, 10));
  message.retry({ delaySeconds: Math.ceil((services.random() * backoffMs) / 1000) });
}

type Named = { readonly job: string } | { readonly window: string };
type RunOne = (services: JobServices, id: string, delivery: Delivery) => Promise<void>;

/** Whether the object has been reached, and in time. */
async function deliver(
  named: Named,
  services: JobServices,
  delivery: Delivery,
  runOne: RunOne,
): Promise<boolean> {
  if (services.now() >= delivery.deadlineAt) return false;
  try {
    await runOne(services, "job" in named ? named.job : named.window, delivery);
    return true;
  } catch (error) {
    services.log.warn("job_delivery_failed", { ...named, error });
    return false;
  }
}
