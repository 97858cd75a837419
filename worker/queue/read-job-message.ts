import * as z from "zod/mini";
import { jobMessage } from "../contract/job.ts";
import type { JobServices } from "../flows/job-services.ts";

/**
 * The job that a message names; undefined for what is no message of ours, which is logged: it names no
 * job that could be closed, and would be as unreadable the next time.
 */
export function readJobMessage({ id, body }: Message, { jobs, log }: JobServices): string | undefined {
  const parsed = z.safeParse(jobMessage, body);
  if (parsed.success && jobs.find(parsed.data.job)) return parsed.data.job;
  log.warn("job_message_unreadable", { message: id, body: describe(body) });
  return undefined;
}

function describe(body: unknown): string {
  try {
    return (JSON.stringify(body) ?? typeof body).slice(0, 200);
  } catch {
    return typeof body;
  }
}
