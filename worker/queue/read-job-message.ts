import * as z from "zod/mini";
import { jobMessage } from "../contract/job.ts";
import type { JobServices } from "../flows/job-services.ts";

/**
 * The jobs that a message names, as far as they are this deployment's; none for what is no message of
 * ours, which is logged: it names no job that could be closed, and would be as unreadable the next time.
 */
export function readJobMessage({ id, body }: Message, { jobs, log }: JobServices): readonly string[] {
  const parsed = z.safeParse(jobMessage, body);
  const found = parsed.success ? parsed.data.jobs.filter((job) => jobs.find(job)) : [];
  if (!parsed.success || found.length < parsed.data.jobs.length) {
    log.warn("job_message_unreadable", { message: id, body: describe(body) });
  }
  return found;
}

function describe(body: unknown): string {
  try {
    return (JSON.stringify(body) ?? typeof body).slice(0, 200);
  } catch {
    return typeof body;
  }
}
