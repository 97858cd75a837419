import type { EndpointOf, Upload } from "../endpoints.ts";
import type { ErrorCode } from "../errors.ts";
import { isAnthropic, type Task } from "../requests.ts";
import { ANSWERS_BY_TASK, ANSWERS_BY_UPLOAD, type AnswerAbout, UPLOAD_FORM } from "./openapi-answers.ts";
import type { Details } from "./openapi-details.ts";
import { type HeaderName, ON_ALL, type ParameterName, refer, referParameters } from "./openapi-headers.ts";
import { ACCEPTED } from "./openapi-jobs.ts";
import { referAnswer, referRequest } from "./openapi-schemas.ts";

const ON_ANSWERS: readonly HeaderName[] = [
  ...ON_ALL,
  "x-headrace-route",
  "x-headrace-target",
  "x-headrace-attempts",
  "x-headrace-window",
  "cache-status",
];
const ON_KEPT: readonly HeaderName[] = [
  ...ON_ANSWERS,
  "x-headrace-cost-usd",
  "x-headrace-saved-usd",
  "x-headrace-prompt-cache",
  "age",
];
const ON_MESSAGES: readonly HeaderName[] = ["request-id"];
const SENT: readonly ParameterName[] = ["RequestId", "Traceparent", "TimeoutMs", "Priority", "Metadata"];

/** Headers of answers to a synchronous request that is a job. */
const ON_DURABLE: readonly HeaderName[] = ["location", "preference-applied", "idempotent-replayed"];
const DURABLE: readonly ParameterName[] = ["IdempotencyKey", "Prefer"];

const FOR_ANSWERS: readonly ErrorCode[] = [
  "model_not_found",
  "request_timeout",
  "payload_too_large",
  "unsupported_media_type",
  "model_input_invalid",
  "rate_limited",
  "upstream_error",
  "upstream_timeout",
];
const FOR_DURABLE: readonly ErrorCode[] = [
  "idempotency_key_invalid",
  "idempotency_key_reused",
  "job_canceled",
];

/** Under Anthropic's API `overloaded` has this status in place of 503. */
const OVERLOADED = { 529: { $ref: "#/components/responses/Error503" } };

export const INFERENCE_DETAILS = Object.fromEntries(
  (Object.entries(ANSWERS_BY_TASK) as [Task, AnswerAbout][]).map(([task, about]) => [
    task,
    describeTask(task, about),
  ]),
) as Record<Task, Details>;

export const UPLOAD_DETAILS = Object.fromEntries(
  (Object.entries(ANSWERS_BY_UPLOAD) as [Upload, AnswerAbout][]).map(([upload, about]) => [
    upload,
    describeUpload(about),
  ]),
) as Record<Upload, Details>;

const COHERE_EMBED: Details = {
  ...INFERENCE_DETAILS.embeddings,
  description:
    "Routes of task `embeddings` answer it, whatever their provider speaks. `input_type` and `truncate` are told to " +
    "providers that know of them, in their own words, and left out for others.",
  requestBody: {
    required: true,
    content: { "application/json": { schema: referAnswer("CohereEmbedRequest") } },
  },
  responses: {
    200: {
      description: "The answer.",
      headers: refer([...ON_KEPT, ...ON_DURABLE]),
      content: { "application/json": { schema: referAnswer("CohereEmbedResponse") } },
    },
    202: ACCEPTED,
  },
};

/** Requests of other APIs' forms, for routes of our tasks. */
export const FORM_DETAILS: Readonly<Record<EndpointOf<"forms">, Details>> = {
  cohereRerank: INFERENCE_DETAILS.rerank,
  cohereEmbed: COHERE_EMBED,
  cohereEmbedV1: COHERE_EMBED,
};

function describeTask(task: Task, { content, ...about }: AnswerAbout): Details {
  const kept = task !== "images" && task !== "speech";
  const sent = [...(kept ? ON_KEPT : ON_ANSWERS), ...ON_DURABLE, ...(isAnthropic(task) ? ON_MESSAGES : [])];
  return {
    ...about,
    parameters: referParameters([...SENT, ...(kept ? ["CacheControl" as const] : []), ...DURABLE]),
    requestBody: { required: true, content: { "application/json": { schema: referRequest(task) } } },
    responses: {
      200: { description: "The answer.", headers: refer(sent), content },
      202: ACCEPTED,
      ...(isAnthropic(task) ? OVERLOADED : {}),
    },
    refusals: [...FOR_ANSWERS, ...FOR_DURABLE],
  };
}

function describeUpload({ content, ...about }: AnswerAbout): Details {
  return {
    ...about,
    parameters: referParameters([...SENT, "ModelInQuery", "ModelInHeader"]),
    requestBody: { required: true, content: { "multipart/form-data": { schema: UPLOAD_FORM } } },
    responses: { 200: { description: "The answer.", headers: refer(ON_ANSWERS), content } },
    refusals: FOR_ANSWERS,
  };
}
