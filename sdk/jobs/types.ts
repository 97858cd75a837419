import type { JobRequest } from "../../worker/contract/jobs/create-job-request.ts";
import type { JobDocument } from "../../worker/contract/jobs/job-document.ts";
import type { JobError } from "../../worker/contract/jobs/job-error.ts";
import type { JobList, JobSummary } from "../../worker/contract/jobs/job-list.ts";
import type { JobStatus } from "../../worker/contract/jobs/job-status.ts";
import type { Task, TaskRequests } from "../../worker/contract/requests.ts";
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ClassifyResponse,
  EmbeddingsResponse,
  RerankResponse,
} from "../../worker/contract/responses.ts";
import type { WithMeta } from "../meta.ts";
import type { CallOptions } from "../options.ts";
import type { ChatStream } from "../stream.ts";

/** A job as it was when the gateway answered. */
export type Job = WithMeta<JobDocument>;

/** A page of jobs, newest first, and through it all that follow: await the page, or loop over the jobs. */
export type JobPages = Promise<WithMeta<JobList>> & AsyncIterable<JobSummary>;

/** What a job is to do, and how; `input` is the body that the task's own endpoint takes. */
export interface JobParams<T extends Task = Task> extends Omit<JobRequest, "task" | "input"> {
  readonly task: T;
  readonly input: TaskRequests[T];
}

/** Options of what follows a job to its end. `timeoutMs` is without end unless the call itself says. */
export interface WaitOptions extends CallOptions {
  /** Cancels the job where the signal aborts, or the time is over, before its end. */
  readonly cancelOnAbort?: boolean | undefined;
}

export interface EventOptions extends CallOptions {
  /** The id of the last event that is known already. */
  readonly after?: string | undefined;
}

/** Options of `run`; `metadata` is the job's own. */
export interface RunOptions<T extends Task | undefined = Task | undefined> extends WaitOptions {
  /** What to do with the input; told by it where it is a chat's, a rerank's or to be embedded. */
  readonly task?: T;
  /** The rest of what a job can be told, such as `priority`, `complete_within` or `webhook`. */
  readonly job?: Omit<JobParams, "task" | "input" | "metadata"> | undefined;
  /** Is told each event of the job in its turn; the next waits for a promise that it gives. */
  readonly onUpdate?: ((event: JobEvent) => unknown) | undefined;
}

/** Which jobs to list; of what is left out, all. */
export interface JobQuery {
  readonly status?: JobStatus | readonly JobStatus[] | undefined;
  readonly model?: string | undefined;
  /** Pairs that a job's metadata must hold. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** The `next` of an earlier page. */
  readonly after?: string | undefined;
  /** Jobs a page: 1 to 100; 20 unless said. */
  readonly limit?: number | undefined;
}

/** One thing that happened to a job. After `job.started` and `job.retrying` the output begins anew. */
export type JobEvent = {
  /** Where to go on from, by `after`. */
  readonly id: string;
  /** The job's id. */
  readonly job: string;
  /** RFC 3339; chunks of output have none. */
  readonly at?: string;
} & (
  | { readonly type: "job.queued" | "job.canceling" | "job.succeeded" | "job.canceled" }
  | { readonly type: "job.started"; readonly run: number }
  /** One chunk of a streamed answer, as the provider sent it. */
  | { readonly type: "job.output"; readonly output: ChatCompletionChunk }
  | { readonly type: "job.retrying"; readonly retry_at: string; readonly error: JobError["code"] }
  | { readonly type: "job.failed" | "job.expired"; readonly error: JobError["code"] }
);

/** What a task answers with: JSON, but for speech. */
export type TaskOutput<T extends Task> = T extends "chat"
  ? ChatCompletion
  : T extends "embeddings"
    ? EmbeddingsResponse
    : T extends "rerank"
      ? RerankResponse
      : T extends "classify"
        ? ClassifyResponse
        : T extends "speech"
          ? Blob
          : Record<string, unknown>;

/** What `run` is given: the body that the task's own endpoint takes, without the model. */
export type RunInput<T extends Task> = T extends Task
  ? { [K in keyof TaskRequests[T] as K extends "model" ? never : K]: TaskRequests[T][K] }
  : never;

/** The task of an input that does not say. */
export type TaskOf<I> = I extends { readonly messages: unknown }
  ? "chat"
  : I extends { readonly documents: unknown }
    ? "rerank"
    : "embeddings";

/** The output of a job that has succeeded, with the job as it ended, which is not enumerable. */
export type RunResult<T extends Task, I> = (I extends { readonly stream: true }
  ? ChatStream
  : TaskOutput<T>) & {
  readonly job: Job;
};
