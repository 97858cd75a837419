import type { Task } from "./requests.ts";

/**
 * What a caller may do. `token`: what a browser's token may do, as any key may. `key`: what needs a key.
 * `admin`: what needs the key of the deployment's operator.
 */
export type Scope = "token" | "key" | "admin";
/** What an endpoint asks of its caller: a scope, or no key at all. */
export type Needs = "nothing" | Scope;
export type Tag = "Text" | "Vectors" | "Sound and pictures" | "Jobs" | "Models" | "Running it";

/** One operation of the gateway's API. */
interface Endpoint {
  readonly method: "GET" | "POST" | "DELETE";
  /** `:id` matches one part of the path, `:id+` all the rest of it. */
  readonly path: string;
  /** The folder of `http/` in which its handler is. */
  readonly family: "inference" | "forms" | "uploads" | "jobs" | "webhooks" | "operations";
  readonly needs: Needs;
  readonly tag: Tag;
  readonly summary: string;
}

const infer = (path: string, tag: Tag, summary: string) =>
  ({ method: "POST", family: "inference", needs: "token", path, tag, summary }) as const;

const form = (path: string, summary: string) =>
  ({ method: "POST", family: "forms", needs: "token", tag: "Vectors", path, summary }) as const;

const upload = (path: string, summary: string) =>
  ({ method: "POST", family: "uploads", needs: "token", tag: "Sound and pictures", path, summary }) as const;

const job = (method: Endpoint["method"], path: string, needs: Scope, summary: string) =>
  ({ family: "jobs", tag: "Jobs", method, path, needs, summary }) as const;

const model = (path: string, summary: string) =>
  ({ method: "GET", family: "operations", needs: "token", tag: "Models", path, summary }) as const;

const open = (path: string, summary: string) =>
  ({ method: "GET", family: "operations", needs: "nothing", tag: "Running it", path, summary }) as const;

/** The endpoints that are named by their tasks. */
const INFERENCE = {
  chat: infer("/v1/chat/completions", "Text", "Answer a conversation"),
  completions: infer("/v1/completions", "Text", "Continue a text"),
  responses: infer("/v1/responses", "Text", "Answer by OpenAI's Responses API"),
  messages: infer("/v1/messages", "Text", "Answer by Anthropic's Messages API"),
  countTokens: infer(
    "/v1/messages/count_tokens",
    "Text",
    "Count the tokens of a request of the Messages API",
  ),
  embeddings: infer("/v1/embeddings", "Vectors", "Turn texts into vectors"),
  rerank: infer("/v1/rerank", "Vectors", "Order documents by how well they answer a query"),
  classify: infer("/v1/classify", "Vectors", "Label texts"),
  moderations: infer("/v1/moderations", "Vectors", "Tell whether content is harmful"),
  images: infer("/v1/images/generations", "Sound and pictures", "Make pictures"),
  speech: infer("/v1/audio/speech", "Sound and pictures", "Speak a text"),
} as const satisfies Record<Task, Endpoint>;

/**
 * Every endpoint by its name, which is its operationId too. Routes and their order, 405s, admission and
 * OpenAPI follow from this table; a new row does not compile before it has a handler and a description.
 */
export const ENDPOINTS = {
  ...INFERENCE,
  cohereRerank: form("/v2/rerank", "Order documents, where Cohere's clients ask for it"),
  cohereEmbed: form("/v2/embed", "Turn texts into vectors, in Cohere's form"),
  cohereEmbedV1: form("/v1/embed", "Turn texts into vectors, in the form of Cohere's first version"),
  transcriptions: upload("/v1/audio/transcriptions", "Write down a recording"),
  translations: upload("/v1/audio/translations", "Write down a recording, in English"),
  listJobs: job("GET", "/v1/jobs", "key", "List one's own jobs, newest first"),
  createJob: job("POST", "/v1/jobs", "token", "Have a request run to its end"),
  findJob: job("GET", "/v1/jobs/:id", "token", "Tell how a job is, at once or at its end"),
  deleteJob: job("DELETE", "/v1/jobs/:id", "key", "Forget a job that has ended, and its key"),
  followJob: job("GET", "/v1/jobs/:id/events", "token", "Tell what happens to a job, as it happens"),
  readJobOutput: job("GET", "/v1/jobs/:id/output", "token", "Give the answer of a job, bare"),
  cancelJob: job("POST", "/v1/jobs/:id/cancel", "token", "Give a job up"),
  retryJob: job(
    "POST",
    "/v1/jobs/:id/retry",
    "token",
    "Ask what a job that has ended was asked, once more, as a new job",
  ),
  listWebhookSecrets: {
    method: "GET",
    path: "/v1/webhook-secrets",
    family: "webhooks",
    needs: "key",
    tag: "Jobs",
    summary: "Give the secrets that the caller's webhooks are signed with, newest first",
  },
  listModels: model(
    "/v1/models",
    "List the routes that can be used now, and models of providers as provider/model",
  ),
  findModel: model("/v1/models/:id+", "Find a route, or provider/model, by its name"),
  explain: {
    method: "POST",
    path: "/v1/explain",
    family: "operations",
    needs: "token",
    tag: "Models",
    summary: "Tell which targets a request would be sent to, and why, without sending it",
  },
  health: open("/healthz", "Tell that the Worker runs; touches nothing"),
  ready: open("/ready", "Tell whether requests can be answered, and which routes lack what"),
  openapi: open("/openapi.json", "Give this contract"),
  greet: open("/", "Tell what this is"),
} as const satisfies Readonly<Record<string, Endpoint>>;

export type EndpointName = keyof typeof ENDPOINTS;
/** The endpoints of a family. */
export type EndpointOf<F extends Endpoint["family"]> = {
  [N in EndpointName]: (typeof ENDPOINTS)[N]["family"] extends F ? N : never;
}[EndpointName];
/** The endpoints that answer anybody. */
export type OpenEndpoint = {
  [N in EndpointName]: (typeof ENDPOINTS)[N]["needs"] extends "nothing" ? N : never;
}[EndpointName];

/** What can be done with a recording: transcribe it, or translate it into English. */
export type Upload = EndpointOf<"uploads">;

export const ENDPOINT_NAMES = Object.keys(ENDPOINTS) as readonly EndpointName[];

/** The methods of each path, as an `Allow` header names them; HEAD works where GET does. */
export const METHODS_BY_PATH: ReadonlyMap<string, string> = new Map(
  [...Map.groupBy(Object.values(ENDPOINTS), ({ path }) => path)].map(([path, endpoints]) => [
    path,
    endpoints.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", "),
  ]),
);
