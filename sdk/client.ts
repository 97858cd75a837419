import type { ExplainedPlan, ExplainRequest } from "../worker/contract/explain.ts";
import type {
  ChatRequest,
  ClassifyRequest,
  EmbeddingsRequest,
  RerankRequest,
} from "../worker/contract/requests.ts";
import type {
  ChatCompletion,
  ClassifyResponse,
  EmbeddingsResponse,
  ModelList,
  RerankResponse,
} from "../worker/contract/responses.ts";
import { withinCall } from "./call.ts";
import type { WithMeta } from "./meta.ts";
import { parseOptions } from "./options.ts";
import type { CallOptions, HeadraceOptions, Settings } from "./options.ts";
import { send, sendAgain, sendForJson } from "./send.ts";
import type { RequestSpec } from "./send.ts";
import { ChatStream, openStream } from "./stream.ts";
import type { Reopen } from "./stream.ts";

/** A request as it is, or with its task, as jobs have it. */
export type ExplainParams = ExplainRequest | { readonly model: string; readonly [field: string]: unknown };

/** Takes a client's options, checked and complete, and gives what it adds to the client; see `Headrace.with`. */
export type Part<T extends object> = (settings: Settings) => T;

/** A client class as `Headrace.with` gives it, to be instantiated, extended or given another part. */
export interface ClientClass<T> {
  new (options: HeadraceOptions): T;
  readonly with: typeof Headrace.with;
}

/**
 * A client of one gateway, or of any OpenAI-compatible server. It holds no connections and needs no
 * closing; make one and share it.
 *
 * Fields that are not in the types are sent as they are. Every call retries where that can help and do no
 * harm, ends within its timeout, and rejects with a HeadraceError, or with a TypeError where an option is
 * not valid.
 *
 * In a page, give it a short-lived `token`, never an `apiKey`.
 */
export class Headrace {
  readonly #settings: Settings;

  /** Throws a TypeError that names the option at fault. */
  constructor(options: HeadraceOptions) {
    this.#settings = parseOptions(options);
  }

  /**
   * Makes a class whose clients have, besides all that this class's have, what a part adds, such as `jobs`
   * of `headrace/jobs`. A client parses its options once, for all of its parts.
   */
  static with<T extends Headrace, U extends object>(
    this: new (options: HeadraceOptions) => T,
    part: Part<U>,
  ): ClientClass<T & U> {
    return class extends (this as new (options: HeadraceOptions) => Headrace) {
      constructor(options: HeadraceOptions) {
        super(options);
        Object.assign(this, part(this.#settings));
      }
    } as ClientClass<T & U>;
  }

  /** Turns texts into vectors, one for each input, in order. */
  embed(params: EmbeddingsRequest, options?: CallOptions): Promise<WithMeta<EmbeddingsResponse>> {
    return this.#ask<EmbeddingsResponse>("data", { path: "/embeddings", params }, options);
  }

  /** Orders documents by how well they answer the query, best first; `index` is the place in the request. */
  rerank(params: RerankRequest, options?: CallOptions): Promise<WithMeta<RerankResponse>> {
    return this.#ask<RerankResponse>("results", { path: "/rerank", params }, options);
  }

  /** Gives each text its labels with their scores, best first. */
  classify(params: ClassifyRequest, options?: CallOptions): Promise<WithMeta<ClassifyResponse>> {
    return this.#ask<ClassifyResponse>("data", { path: "/classify", params }, options);
  }

  /**
   * Completes a conversation. With `stream: true` the promise resolves when the answer begins, and
   * `timeoutMs` lasts to the stream's end: give long answers more.
   */
  chat(params: ChatRequest & { stream: true }, options?: CallOptions): Promise<ChatStream>;
  chat(
    params: ChatRequest & { stream?: false | null | undefined },
    options?: CallOptions,
  ): Promise<WithMeta<ChatCompletion>>;
  chat(params: ChatRequest, options?: CallOptions): Promise<ChatStream | WithMeta<ChatCompletion>>;
  chat(params: ChatRequest, options?: CallOptions): Promise<ChatStream | WithMeta<ChatCompletion>> {
    const spec = { path: "/chat/completions", params };
    if (params.stream !== true) return this.#ask<ChatCompletion>("choices", spec, options);
    return withinCall(this.#settings, options, (call) => {
      const reopen: Reopen = (broken) => sendAgain(call, spec, openStream, broken);
      const again = options?.onBreak === "restart" ? reopen : undefined;
      return send(call, spec, (answer) => new ChatStream(call, openStream(answer), again));
    });
  }

  /** Tells which targets a request would be sent to, in which order, and why no others; it is not sent. */
  explain(params: ExplainParams, options?: CallOptions): Promise<WithMeta<ExplainedPlan>> {
    return this.#ask<ExplainedPlan>("targets", { path: "/explain", params }, options);
  }

  /** Lists what may be given as `model`. */
  models(options?: CallOptions): Promise<WithMeta<ModelList>> {
    return this.#ask<ModelList>("data", { path: "/models" }, options);
  }

  #ask<T extends object>(
    listKey: keyof T & string,
    spec: RequestSpec,
    options?: CallOptions,
  ): Promise<WithMeta<T>> {
    return withinCall(this.#settings, options, (call) => sendForJson<T>(call, spec, listKey));
  }
}
