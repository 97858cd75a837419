export { HeadraceError, isHeadraceError } from "../errors.ts";
export type { ClientClass, Part } from "../client.ts";
export { HeadraceWithJobs as Headrace, jobs } from "./client.ts";
export type { JobsPart } from "./client.ts";
export type { Jobs } from "./jobs.ts";
export type { JobOutput } from "./output.ts";
export type {
  EventOptions,
  Job,
  JobEvent,
  JobPages,
  JobParams,
  JobQuery,
  RunInput,
  RunOptions,
  RunResult,
  WaitOptions,
} from "./types.ts";
export type { JobError } from "../../worker/contract/jobs/job-error.ts";
export type { JobList, JobSummary } from "../../worker/contract/jobs/job-list.ts";
export type { JobStatus } from "../../worker/contract/jobs/job-status.ts";
export type { ClientErrorCode, HeadraceErrorCode, HeadraceErrorFields } from "../errors.ts";
export type { CacheMeta, ResponseMeta, WindowMeta, WithMeta } from "../meta.ts";
export type { CallOptions, Credential, Fetch, HeadraceOptions, TokenSource } from "../options.ts";
export type { ChatStream } from "../stream.ts";
export type {
  ChatRequest,
  ClassifyRequest,
  EmbeddingsRequest,
  RerankRequest,
  Task,
} from "../../worker/contract/requests.ts";
export type {
  ChatCompletion,
  ChatCompletionChunk,
  ClassifyResponse,
  EmbeddingsResponse,
  Model,
  ModelList,
  RerankResponse,
  Usage,
} from "../../worker/contract/responses.ts";
