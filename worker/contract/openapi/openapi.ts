import { INFERENCE_PATHS, UPLOAD_PATHS, type Upload } from "../endpoints.ts";
import type { ErrorCode } from "../errors.ts";
import { type AnswerAbout, ANSWERS_BY_TASK, ANSWERS_BY_UPLOAD, UPLOAD_FORM } from "./openapi-answers.ts";
import { describeElsewhere, errorResponses, refuseWith } from "./openapi-errors.ts";
import {
  type HeaderName,
  headers,
  type ParameterName,
  parameters,
  refer,
  referParameters,
} from "./openapi-headers.ts";
import { ACCEPTED, describeJobs } from "./openapi-jobs.ts";
import { describeSchemas, referAnswer, referRequest } from "./openapi-schemas.ts";
import { describeWebhooks, describeWebhookSecrets } from "./openapi-webhooks.ts";
import type { Task } from "../requests.ts";

export const API_VERSION = "0.1.0";

const ON_ALL: readonly HeaderName[] = ["x-request-id", "x-headrace-config", "server-timing"];
const ON_ANSWERS: readonly HeaderName[] = [
  ...ON_ALL,
  "x-headrace-route",
  "x-headrace-target",
  "x-headrace-attempts",
  "x-headrace-window",
  "cache-status",
];
const ON_KEPT: readonly HeaderName[] = [...ON_ANSWERS, "x-headrace-cost-usd", "age"];
const SENT: readonly ParameterName[] = ["RequestId", "Traceparent", "TimeoutMs", "Metadata"];

/** Of a synchronous request that is a job. */
const ON_DURABLE: readonly HeaderName[] = ["location", "preference-applied", "idempotent-replayed"];
const DURABLE: readonly ParameterName[] = ["IdempotencyKey", "Prefer"];

const FOR_ALL: readonly ErrorCode[] = ["internal_error", "overloaded"];
const FOR_KEYS: readonly ErrorCode[] = [...FOR_ALL, "unauthenticated"];
const FOR_ANSWERS: readonly ErrorCode[] = [
  ...FOR_KEYS,
  "invalid_request",
  "model_not_found",
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

/** The gateway's contract as OpenAPI 3.1, from the schemas that validate and the table of errors. */
export function buildOpenapi(): object {
  return {
    openapi: "3.1.1",
    info: {
      title: "Headrace",
      version: API_VERSION,
      description: `One edge endpoint between people who need AI answers and whatever serves the models.

Any path may also answer:

${describeElsewhere()}`,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: [
      { name: "Text", description: "Chat, in three dialects, and completions." },
      { name: "Vectors", description: "Embeddings and what is made of them." },
      { name: "Sound and pictures", description: "Bytes that stream through unread." },
      { name: "Jobs", description: "Requests that are accepted once and run to their end." },
      { name: "Models", description: "The routes that can be asked for by name." },
      { name: "Running it", description: "Needs no key." },
    ],
    security: [{ bearer: [] }, { apiKey: [] }],
    paths: {
      ...describeInference(),
      ...describeUploads(),
      ...describeJobs(),
      ...describeWebhookSecrets(),
      ...describeModels(),
      ...describeRunning(),
    },
    webhooks: describeWebhooks(),
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An API key, `hr_live_…` or `hr_test_…`." },
        apiKey: { type: "apiKey", in: "header", name: "x-api-key", description: "As Anthropic's clients." },
      },
      parameters,
      headers,
      responses: errorResponses(),
      schemas: describeSchemas(),
    },
  };
}

function describeAnswer({ tag, summary, description, content }: AnswerAbout, sent: readonly HeaderName[]) {
  return {
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    responses: {
      200: { description: "The answer.", headers: refer(sent), content },
      ...refuseWith(FOR_ANSWERS),
    },
  };
}

function describeInference(): Record<string, object> {
  const entries = Object.entries(INFERENCE_PATHS) as [Task, string][];
  return Object.fromEntries(
    entries.map(([task, path]) => {
      const kept = task !== "images" && task !== "speech";
      const answer = describeAnswer(ANSWERS_BY_TASK[task], [...(kept ? ON_KEPT : ON_ANSWERS), ...ON_DURABLE]);
      const post = {
        operationId: task,
        ...answer,
        responses: { ...answer.responses, 202: ACCEPTED, ...refuseWith(FOR_DURABLE) },
        parameters: referParameters([...SENT, ...(kept ? ["CacheControl" as const] : []), ...DURABLE]),
        requestBody: { required: true, content: { "application/json": { schema: referRequest(task) } } },
      };
      return [path, { post }];
    }),
  );
}

function describeUploads(): Record<string, object> {
  const entries = Object.entries(UPLOAD_PATHS) as [Upload, string][];
  return Object.fromEntries(
    entries.map(([upload, path]) => {
      const post = {
        operationId: upload,
        ...describeAnswer(ANSWERS_BY_UPLOAD[upload], ON_ANSWERS),
        parameters: referParameters([...SENT, "ModelInQuery", "ModelInHeader"]),
        requestBody: { required: true, content: { "multipart/form-data": { schema: UPLOAD_FORM } } },
      };
      return [path, { post }];
    }),
  );
}

const answerJson = (description: string, schema: object) => ({
  description,
  headers: refer(ON_ALL),
  content: { "application/json": { schema } },
});

function describeModels(): Record<string, object> {
  const list = {
    operationId: "listModels",
    tags: ["Models"],
    summary: "List the routes that can be used now",
    parameters: referParameters(["RequestId"]),
    responses: { 200: answerJson("The routes.", referAnswer("ModelList")), ...refuseWith(FOR_KEYS) },
  };
  const one = {
    operationId: "findModel",
    tags: ["Models"],
    summary: "Find a route by its name",
    parameters: [
      { in: "path", name: "id", required: true, schema: { type: "string" } },
      ...referParameters(["RequestId"]),
    ],
    responses: {
      200: answerJson("The route.", referAnswer("Model")),
      ...refuseWith([...FOR_KEYS, "model_not_found"]),
    },
  };
  return { "/v1/models": { get: list }, "/v1/models/{id}": { get: one } };
}

const status = (values: readonly string[]) => ({ type: "string", enum: values });

const READY = {
  type: "object",
  required: ["status", "storage", "routes"],
  properties: {
    status: status(["ready", "not_ready"]),
    storage: status(["ok", "failed"]),
    routes: {
      type: "array",
      items: {
        type: "object",
        required: ["name", "task", "status"],
        properties: {
          name: { type: "string" },
          task: { type: "string" },
          status: status(["ready", "not_configured"]),
          missing: { type: "array", items: { type: "string" }, description: "What to set." },
        },
      },
    },
  },
};

function describeRunning(): Record<string, object> {
  const get = (operationId: string, summary: string, responses: object) => ({
    get: { operationId, tags: ["Running it"], summary, security: [], responses },
  });
  const object = { type: "object" };
  return {
    "/healthz": get("health", "Tell that the Worker runs; touches nothing", {
      200: answerJson("It runs.", { type: "object", properties: { status: { const: "ok" } } }),
    }),
    "/ready": get("ready", "Tell whether requests can be answered, and which routes lack what", {
      200: answerJson("They can.", READY),
      503: answerJson("Storage does not answer.", READY),
    }),
    "/openapi.json": get("openapi", "Give this contract", { 200: answerJson("The contract.", object) }),
    "/": get("greet", "Tell what this is", { 200: answerJson("Where to look next.", object) }),
  };
}
