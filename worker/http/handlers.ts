import { readCohereEmbed } from "./inference/cohere-embed.ts";
import { handleInference } from "./inference/handle-inference.ts";
import { readVoyageRerank } from "./inference/voyage-rerank.ts";
import type { Handlers } from "./handler.ts";
import { handleJobEvents } from "./jobs/handle-job-events.ts";
import {
  handleCancelJob,
  handleReadJob,
  handleReadOutput,
  handleRemoveJob,
  handleRetryJob,
} from "./jobs/handle-job.ts";
import { handleCreateJob } from "./jobs/handle-jobs.ts";
import { handleListJobs } from "./jobs/handle-list-jobs.ts";
import { handleHealth } from "./operations/handle-health.ts";
import { handleReady } from "./operations/handle-ready.ts";
import { handleExplain } from "./operations/handle-explain.ts";
import { handleFindModel, handleListModels } from "./operations/handle-models.ts";
import { handleGreet } from "./operations/handle-greet.ts";
import { createOpenapiHandler } from "./operations/handle-openapi.ts";
import { handleUpload } from "./uploads/handle-upload.ts";
import { handleWebhookSecrets } from "./webhooks/handle-webhook-secrets.ts";

/** The handler of each endpoint of the table. */
export const HANDLERS: Handlers = {
  chat: handleInference("chat"),
  completions: handleInference("completions"),
  responses: handleInference("responses"),
  messages: handleInference("messages"),
  countTokens: handleInference("countTokens"),
  embeddings: handleInference("embeddings"),
  rerank: handleInference("rerank", readVoyageRerank),
  classify: handleInference("classify"),
  moderations: handleInference("moderations"),
  images: handleInference("images"),
  speech: handleInference("speech"),
  cohereRerank: handleInference("rerank"),
  cohereEmbed: handleInference("embeddings", readCohereEmbed("2")),
  cohereEmbedV1: handleInference("embeddings", readCohereEmbed("1")),
  transcriptions: handleUpload("transcriptions"),
  translations: handleUpload("translations"),
  listJobs: handleListJobs,
  createJob: handleCreateJob,
  findJob: handleReadJob,
  deleteJob: handleRemoveJob,
  followJob: handleJobEvents,
  readJobOutput: handleReadOutput,
  cancelJob: handleCancelJob,
  retryJob: handleRetryJob,
  listWebhookSecrets: handleWebhookSecrets,
  listModels: handleListModels,
  findModel: handleFindModel,
  explain: handleExplain,
  health: handleHealth,
  ready: handleReady,
  openapi: createOpenapiHandler(),
  greet: handleGreet,
};
