export { Headrace } from "./client.ts";
export type { ClientClass, ExplainParams, Part } from "./client.ts";
export { HeadraceError, isHeadraceError } from "./errors.ts";
export type { ClientErrorCode, HeadraceErrorCode, HeadraceErrorFields } from "./errors.ts";
export type { CacheMeta, ResponseMeta, WindowMeta, WithMeta } from "./meta.ts";
export type {
  CallOptions,
  Credential,
  Fetch,
  HeadraceOptions,
  StreamRestart,
  TokenSource,
} from "./options.ts";
export type { ChatStream } from "./stream.ts";
export type { ExplainedPlan, ExplainRequest } from "../worker/contract/explain.ts";
export type {
  ChatRequest,
  ClassifyRequest,
  EmbeddingsRequest,
  RerankRequest,
} from "../worker/contract/requests.ts";
export type {
  ChatCompletion,
  ChatCompletionChunk,
  ClassifyResponse,
  EmbeddingsResponse,
  Model,
  ModelList,
  RerankResponse,
  Usage,
} from "../worker/contract/responses.ts";
