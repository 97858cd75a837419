import type { Task } from "../../worker/contract/requests.ts";
import { Headrace } from "../client.ts";
import type { Part } from "../client.ts";
import { Jobs } from "./jobs.ts";
import { run } from "./run.ts";
import type { RunInput, RunOptions, RunResult, TaskOf } from "./types.ts";

/** What `jobs` adds to a client. */
export interface JobsPart {
  /** The gateway's durable jobs: stored before they are accepted, and run to their end. */
  readonly jobs: Jobs;

  /**
   * Creates a job, waits for its end, and gives its output, which has the job as `job`. Without a `task`,
   * the input decides: with `messages` it is a chat, with `documents` a rerank, otherwise an embedding.
   *
   * Rejects with a HeadraceError that carries the job's id, also where the job failed, expired or was
   * canceled. It waits for as long as the job takes, unless there is a `timeoutMs`. Where it ends before the
   * job, the job goes on, unless `cancelOnAbort` is set.
   */
  run<I extends RunInput<"chat" | "rerank" | "embeddings">>(
    model: string,
    input: I,
    options?: RunOptions<undefined>,
  ): Promise<RunResult<TaskOf<I>, I>>;
  run<T extends Task, I extends RunInput<T>>(
    model: string,
    input: I,
    options: RunOptions<T> & { readonly task: T },
  ): Promise<RunResult<T, I>>;
}

/** The part that adds durable jobs to a client: `Headrace.with(jobs)`. */
export const jobs: Part<JobsPart> = (settings) => ({
  jobs: new Jobs(settings),
  run: ((model: string, input: object, options?: RunOptions) =>
    run(settings, { ...input, model }, options)) as JobsPart["run"],
});

/** The client, with durable jobs. */
export class HeadraceWithJobs extends Headrace.with(jobs) {}
