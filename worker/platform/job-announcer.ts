import { MAX_JOBS_A_MESSAGE } from "../contract/jobs/job-message.ts";
import type { SendJobs } from "./job-queue.ts";
import type { Log } from "./log.ts";

/** Tells the queue of a job that has been accepted, within the work that `defer` keeps alive. */
export type AnnounceJob = (jobId: string, defer: (work: Promise<unknown>) => void) => void;

export interface JobAnnouncerOptions {
  readonly send: SendJobs;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => number;
  readonly log: Log;
}

/** Jobs that come this close together share a message. */
const GATHER_MS = 100;

/**
 * Gathers the jobs of one isolate into messages: a message is billed as three operations, however many jobs it
 * names. A job that comes alone is sent at once; one that comes within 100 ms of another opens a message, to
 * which all jobs of the next 100 ms are added. The request that opens a message sends it; where the platform
 * stops that request before, the jobs' alarms send them.
 */
export function createJobAnnouncer({ send, sleep, now, log }: JobAnnouncerOptions): AnnounceJob {
  let open: string[] | undefined;
  let openedAt = -Infinity;
  let lastAt = -Infinity;
  const sendOff = async (jobs: readonly string[]) => {
    const sent = await send(jobs, 0);
    if (!sent.ok) log.warn("job_send_failed", { jobs, reason: sent.error });
  };
  const gather = async (jobs: string[]) => {
    await sleep(GATHER_MS);
    if (open === jobs) open = undefined;
    await sendOff(jobs);
  };
  return (jobId, defer) => {
    const at = now();
    const alone = at - lastAt >= GATHER_MS;
    lastAt = at;
    // One that is still open after its time was opened by a request that has been stopped.
    const isOpen = open && at - openedAt < 2 * GATHER_MS;
    if (open && isOpen && open.length < MAX_JOBS_A_MESSAGE) return void open.push(jobId);
    if (alone) return defer(sendOff([jobId]));
    const jobs = [jobId];
    open = jobs;
    openedAt = at;
    defer(gather(jobs));
  };
}
