import type { Task } from "./requests.ts";

/** Where each task is asked for. */
export const INFERENCE_PATHS = {
  chat: "/v1/chat/completions",
  completions: "/v1/completions",
  responses: "/v1/responses",
  messages: "/v1/messages",
  embeddings: "/v1/embeddings",
  rerank: "/v1/rerank",
  classify: "/v1/classify",
  moderations: "/v1/moderations",
  images: "/v1/images/generations",
  speech: "/v1/audio/speech",
} as const satisfies Record<Task, string>;

/** Where recordings are uploaded to. */
export const UPLOAD_PATHS = {
  transcriptions: "/v1/audio/transcriptions",
  translations: "/v1/audio/translations",
} as const;

/** What may be asked for a recording: its words, or its words in English. */
export type Upload = keyof typeof UPLOAD_PATHS;

/** Durable requests. */
export const JOB_PATHS = {
  create: "/v1/jobs",
  read: "/v1/jobs/:id",
  events: "/v1/jobs/:id/events",
  output: "/v1/jobs/:id/output",
  cancel: "/v1/jobs/:id/cancel",
  retry: "/v1/jobs/:id/retry",
} as const;

/** What the caller's webhooks are signed with. */
export const WEBHOOK_SECRETS_PATH = "/v1/webhook-secrets";
