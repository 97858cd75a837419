import type { Task } from "../../worker/contract/requests.ts";
import { Headrace } from "../client.ts";
import { parseOptions } from "../options.ts";
import type { HeadraceOptions, Settings } from "../options.ts";
import { Jobs } from "./jobs.ts";
import { run } from "./run.ts";
import type { RunInput, RunOptions, RunResult, TaskOf } from "./types.ts";

/** The client, with durable jobs. */
export class HeadraceWithJobs extends Headrace {
  /** Work that is accepted once and done to its end, whoever waits for it. */
  readonly jobs: Jobs;
  readonly #settings: Settings;

  /** Throws a TypeError that names the option at fault. */
  constructor(options: HeadraceOptions) {
    super(options);
    this.#settings = parseOptions(options);
    this.jobs = new Jobs(this.#settings);
  }

  /**
   * Has a job done, waits for its end, and gives its output, with the job beside it as `job`. The task is
   * told by the input: `messages` are a chat, `documents` a rerank, and anything else is embedded unless
   * `task` says what to do with it.
   *
   * Rejects with a HeadraceError that carries the job's id, of a job that failed, was canceled or expired
   * as well. It goes on for as long as the job does, unless `timeoutMs` says less; what ends it before
   * leaves the job to go on, unless `cancelOnAbort` is set.
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
  run(model: string, input: object, options?: RunOptions): Promise<object> {
    return run(this.#settings, { ...input, model }, options);
  }
}
