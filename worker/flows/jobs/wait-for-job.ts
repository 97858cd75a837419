import { isEnded } from "../../contract/jobs/job-status.ts";
import type { JobView } from "../../domain/jobs/job-protocol.ts";
import { askJob, type JobServices } from "./job-services.ts";

export interface Waiting {
  readonly id: string;
  readonly tenant: string;
  /** Milliseconds since the epoch; where no view is given, the job is read at least once. */
  readonly until: number;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
  /** How the job was a moment ago, where that is known. */
  readonly view?: JobView | undefined;
}

const SHORTEST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 2500;

/**
 * A job as it is at its end, or when the time is up. Reads it again each time after a quarter of the time it
 * has waited so far: an object that kept the request open instead would be billed for the whole wait. A
 * minute takes 45 reads, which the free plan's 50 subrequests allow.
 */
export async function waitForJob(services: JobServices, waiting: Waiting): Promise<JobView> {
  const startedAt = services.now();
  const look = () => askJob(services, waiting.id, (job) => job.read(waiting.tenant, true));
  for (let view = waiting.view ?? (await look()); ; view = await look()) {
    if (view.kind === "absent" || isEnded(view.document)) return view;
    const now = services.now();
    if (now >= waiting.until || waiting.signal.aborted) return view;
    const wanted = Math.max(SHORTEST_PAUSE_MS, Math.min((now - startedAt) / 4, LONGEST_PAUSE_MS));
    await services.sleep(Math.min(wanted, waiting.until - now), waiting.signal);
  }
}
