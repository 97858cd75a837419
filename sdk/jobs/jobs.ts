import type { JobList, JobSummary } from "../../worker/contract/jobs/job-list.ts";
import { startCall, withinCall } from "../call.ts";
import type { Call } from "../call.ts";
import { nameJob } from "../errors.ts";
import type { WithMeta } from "../meta.ts";
import { withoutEnd } from "../options.ts";
import type { CallOptions, Settings } from "../options.ts";
import { send, sendForJson } from "../send.ts";
import { followJob, jobPath, postForJob, sendForJob, waitForEnd } from "./calls.ts";
import { followEvents } from "./events.ts";
import { sendForOutput } from "./output.ts";
import type { JobOutput } from "./output.ts";
import type { EventOptions, Job, JobEvent, JobPages, JobParams, JobQuery, WaitOptions } from "./types.ts";

/**
 * The gateway's durable jobs. Every call that changes something has an idempotency key, so that a retry
 * does not do it twice. Give a key of your own to have repeated calls of `create` make only one job.
 */
export class Jobs {
  readonly #settings: Settings;

  /** @internal The part `jobs` makes it. */
  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Creates a job. Where the idempotency key was used before, gives the job of that time, as it is now. */
  create(params: JobParams, options?: CallOptions): Promise<Job> {
    return withinCall(this.#settings, options, (call) => postForJob(call, "/jobs", { params }));
  }

  /** The job as it is now; `meta.retryAfterMs` tells how soon to look again. */
  get(id: string, options?: CallOptions): Promise<Job> {
    return this.#about(id, options, (call) => sendForJob(call, { path: jobPath(id) }));
  }

  /** Waits until the job has ended, in whatever way, and gives it. */
  wait(id: string, options: WaitOptions = {}): Promise<Job> {
    return followJob(this.#settings, options, (call) => waitForEnd(call, id));
  }

  /**
   * Gives the job's events, from the first (or the one after `after`) to the last. It reconnects where a
   * connection breaks, and lasts until the job ends, unless there is a `timeoutMs`.
   */
  async *events(id: string, options: EventOptions = {}): AsyncGenerator<JobEvent, void> {
    const call = startCall(this.#settings, withoutEnd(this.#settings, options));
    try {
      yield* followEvents(call, id, options.after);
    } catch (error) {
      throw nameJob(error, id);
    } finally {
      call.end();
    }
  }

  /** The answer of a job that has succeeded: JSON, a stream as it was recorded, or a Blob of anything else. */
  output(id: string, options?: CallOptions): Promise<JobOutput> {
    return this.#about(id, options, (call) => sendForOutput(call, id));
  }

  /** Cancels the job. One that is running takes a moment to end. */
  cancel(id: string, options?: CallOptions): Promise<Job> {
    return this.#about(id, options, (call) => postForJob(call, jobPath(id, "/cancel")));
  }

  /** Makes a new job from one that has ended; its `retry_of` is the id of that one. */
  retry(id: string, options?: CallOptions): Promise<Job> {
    return this.#about(id, options, (call) => postForJob(call, jobPath(id, "/retry")));
  }

  /** Deletes a job that has ended, with its output. */
  delete(id: string, options?: CallOptions): Promise<void> {
    const spec = { method: "DELETE", path: jobPath(id) } as const;
    return this.#about(id, options, (call) => send(call, spec, () => undefined));
  }

  /** Lists jobs, newest first: `await` gives one page, `for await` the jobs of this page and all that follow. */
  list(query: JobQuery = {}, options?: CallOptions): JobPages {
    const load = (after?: string): Promise<WithMeta<JobList>> => {
      const path = `/jobs?${writeQuery({ ...query, after })}`;
      return withinCall(this.#settings, options, (call) => sendForJson<JobList>(call, { path }, "data"));
    };
    const first = load(query.after);
    return Object.assign(first, {
      async *[Symbol.asyncIterator](): AsyncGenerator<JobSummary, void> {
        for (let page = await first; ; page = await load(page.next)) {
          yield* page.data;
          if (page.next === null) return;
        }
      },
    });
  }

  #about<T>(id: string, options: CallOptions | undefined, work: (call: Call) => Promise<T>): Promise<T> {
    return withinCall(this.#settings, options, (call) => work(Object.assign(call, { job: id })));
  }
}

function writeQuery({ metadata = {}, ...query }: JobQuery): URLSearchParams {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  for (const [name, value] of Object.entries(metadata)) search.set(`metadata[${name}]`, value);
  return search;
}
