import type { JobPort } from "../../domain/jobs/job-protocol.ts";
import { callObject } from "../../platform/call-object.ts";
import type { AnnounceJob } from "../../platform/job-announcer.ts";
import type { JobDirectories } from "../../platform/job-directories.ts";
import type { JobObjects } from "../../platform/job-objects.ts";
import type { JobWindows } from "../../platform/job-windows.ts";
import type { ListingBuffer } from "../../platform/listing-buffer.ts";
import type { Services } from "../services.ts";

/** What the flows of jobs work with, on top of what every request's do. */
export interface JobServices extends Services {
  readonly jobs: JobObjects;
  readonly jobWindows: JobWindows;
  readonly directories: JobDirectories;
  /** Entries of jobs accepted here that directories have not got yet. */
  readonly listings: ListingBuffer;
  readonly announce: AnnounceJob;
}

/** Asks the object of a job by its wire id. Throws ObjectUnavailable where it cannot be reached. */
export const askJob = <R>({ jobs }: JobServices, id: string, ask: (job: JobPort) => Promise<R>): Promise<R> =>
  callObject(() => jobs.find(id)?.job, ask);
