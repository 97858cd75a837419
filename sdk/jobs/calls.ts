import type { JobDocument } from "../../worker/contract/jobs/job-document.ts";
import { withinCall } from "../call.ts";
import type { Call } from "../call.ts";
import { sleep } from "../limit.ts";
import { withoutEnd } from "../options.ts";
import type { Settings } from "../options.ts";
import { sendForJson } from "../send.ts";
import type { RequestSpec } from "../send.ts";
import type { Job, WaitOptions } from "./types.ts";

const LONGEST_WAIT_SECONDS = 30;
const ASK_AGAIN_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

export const jobPath = (id: string, rest = ""): string => `/jobs/${encodeURIComponent(id)}${rest}`;

/** 128 random bits. (`crypto.randomUUID` is not there in pages on plain http.) */
export const mintKey = (): string => crypto.getRandomValues(new BigUint64Array(2)).join("-");

/** Sends a request that is answered with a job. From then on, the call's errors carry the job's id. */
export async function sendForJob(call: Call, spec: RequestSpec): Promise<Job> {
  const job = await sendForJson<JobDocument>(call, spec, "attempts");
  call.job = job.id;
  return job;
}

/** Posts a request that is answered with a job, under the caller's key, or a new one for all of its attempts. */
export function postForJob(call: Call, path: string, spec: Omit<RequestSpec, "path"> = {}): Promise<Job> {
  const key = call.options.idempotencyKey ?? mintKey();
  return sendForJob(call, {
    ...spec,
    path,
    method: "POST",
    headers: { ...spec.headers, "idempotency-key": key },
  });
}

/** Asks the server to answer when the job ends, or earlier: after at most half of an attempt's time. */
export function preferWait({ attemptTimeoutMs = Infinity }: Call): { readonly prefer: string } {
  return { prefer: `wait=${Math.min(LONGEST_WAIT_SECONDS, Math.trunc(attemptTimeoutMs / 2000))}` };
}

/** Asks until the job has ended. */
export async function waitForEnd(call: Call, id: string): Promise<Job> {
  call.job = id;
  for (;;) {
    const job = await sendForJob(call, { path: jobPath(id), headers: preferWait(call) });
    if (job.ended_at !== null) return job;
    const pauseMs = job.meta.retryAfterMs ?? ASK_AGAIN_MS;
    await sleep(Math.min(pauseMs, LONGEST_PAUSE_MS), call.signal);
  }
}

/**
 * Does work that follows a job to its end. If the call is aborted before that, and has `cancelOnAbort`, the
 * job is canceled. Where the job's id is not known yet, `createAgain` gets it: the same key gives the same job.
 */
export function followJob<T>(
  settings: Settings,
  options: WaitOptions,
  work: (call: Call) => Promise<T>,
  createAgain?: (call: Call) => Promise<Job>,
): Promise<T> {
  return withinCall(settings, withoutEnd(settings, options), async (call) => {
    call.signal.throwIfAborted();
    try {
      return await work(call);
    } catch (error) {
      if (options.cancelOnAbort && call.signal.aborted) {
        const last = { ...options, signal: undefined, timeoutMs: undefined };
        await withinCall(settings, last, async (cancel) => {
          call.job ??= (await createAgain?.(cancel))?.id;
          if (call.job !== undefined) await postForJob(cancel, jobPath(call.job, "/cancel"));
        }).catch(() => {});
      }
      throw error;
    }
  });
}
