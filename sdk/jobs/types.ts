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

/** Jobs, newest first: `await` it for one page, or loop over it for the jobs of this page and all that follow. */
export type JobPages = Promise<WithMeta<JobList>> & AsyncIterable<JobSummary>;

/** How a job is to be done, whatever it is. */
type JobSettings = Omit<JobRequest, "task" | "input">;

/** What a job is to do, and how; `input` is the body that the endpoint of this very task takes. */
export type JobParams<T extends Task = Task> = {
  readonly [K in T]: JobSettings & { readonly task: K; readonly input: TaskRequests[K] };
}[T];

/** Options of the calls that wait for a job's end. Without a `timeoutMs` of their own, they have no timeout. */
export interface WaitOptions extends CallOptions {
  /** Cancels the job when the signal aborts or `timeoutMs` is over. Without it, the job goes on. */
  readonly cancelOnAbort?: boolean | undefined;
}

export interface EventOptions extends CallOptions {
  /** The id of an event: the events start after that one. */
  readonly after?: string | undefined;
}

/** Options of `run`; `metadata` is the job's own. */
export interface RunOptions<T extends Task | undefined = Task | undefined> extends WaitOptions {
  /** What to do with the input. Unless given: a chat of `messages`, a rerank of `documents`, else an embedding. */
  readonly task?: T;
  /** The job's other fields, such as `priority`, `complete_within` or `webhook`. */
  readonly job?: Omit<JobSettings, "metadata"> | undefined;
  /** Called with each event of the job. If it returns a promise, the next event waits for that. */
  readonly onUpdate?: ((event: JobEvent) => unknown) | undefined;
}

/** Which jobs to list. A filter that is left out lets all through. */
export interface JobQuery {
  readonly status?: JobStatus | readonly JobStatus[] | undefined;
  readonly model?: string | undefined;
  /** Names and values that the job's metadata must contain. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** The `next` of an earlier page. */
  readonly after?: string | undefined;
  /** Jobs a page: 1 to 100; 20 unless said. */
  readonly limit?: number | undefined;
}

/** One thing that happened to a job. After `job.started` and `job.retrying` the output begins anew. */
export type JobEvent = {
  /** Given as `after`, the events start after this one. */
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

/** The task that the input decides, where none is given. */
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
