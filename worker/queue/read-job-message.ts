import * as z from "zod/mini";
import { jobMessage } from "../contract/jobs/job-message.ts";
import type { JobServices } from "../flows/jobs/job-services.ts";

/**
 * The jobs or the window that a message names, if they are this deployment's. A message of another form is
 * logged and names none: a retry would not make it readable.
 */
export function readJobMessage({ id, body }: Message, { jobs, jobWindows, log }: JobServices): NamedWork {
  const parsed = z.safeParse(jobMessage, body);
  const named = parsed.success && "jobs" in parsed.data ? parsed.data.jobs : [];
  const window = parsed.success && "window" in parsed.data ? parsed.data.window : undefined;
  const found = named.filter((job) => jobs.find(job));
  const isWindow = window !== undefined && jobWindows.find(window) !== undefined;
  if ((found.length === 0 && !isWindow) || found.length < named.length) {
    log.warn("job_message_unreadable", { message: id, body: describe(body) });
  }
  return { jobs: found, window: isWindow ? window : undefined };
}

/** What a message asks to be run. */
interface NamedWork {
  readonly jobs: readonly string[];
  /** The window that has a group of jobs. */
  readonly window: string | undefined;
}

function describe(body: unknown): string {
  try {
    return (JSON.stringify(body) ?? typeof body).slice(0, 200);
  } catch {
    return typeof body;
  }
}
