import type { Task, TaskRequests } from "../contract/requests.ts";
import type { Usage } from "../contract/responses.ts";
import type { Result } from "./result.ts";

/**
 * What a provider has to say to take part. Adapters are data and pure functions: they never fetch,
 * never see the environment, and hold no state.
 */
export interface Connection {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ProviderRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A whole answer, ready for the client. */
export interface Answer {
  /** JSON text in the contract's shape for the task. */
  readonly body: string;
  readonly usage: Usage | null;
}

/** Why an answer could not be used. `reason` is for the logs, `message` is the provider's own. */
export interface AnswerFailure {
  readonly kind: "invalid_response" | "invalid_input";
  readonly reason: string;
  readonly message?: string;
}

/** What one event of a stream means to the gateway. */
export type StreamEvent =
  | { readonly kind: "delta" }
  /** `only`: the event carries usage and nothing else, and is for those who asked for it. */
  | { readonly kind: "usage"; readonly usage: Usage; readonly only: boolean }
  | { readonly kind: "error"; readonly reason: string }
  | { readonly kind: "done" };

/** A provider's task that is reached by HTTP. */
export interface HttpTask<T extends Task> {
  readonly kind: "http";
  /** `model` is the target's; the input's own `model` is the route's name and is replaced. */
  buildRequest(input: TaskRequests[T], model: string, connection: Connection): ProviderRequest;
  /** Reads a 2xx body. */
  parseResponse(text: string): Result<Answer, AnswerFailure>;
  /** Reads the data of one server-sent event; absent where the task does not stream. */
  parseEvent?(data: string): StreamEvent;
}

/** A provider's task that is computed inside the Worker. */
export interface LocalTask<T extends Task> {
  readonly kind: "local";
  answer(input: TaskRequests[T], model: string): Result<Answer, AnswerFailure>;
}

export type TaskAdapter<T extends Task> = HttpTask<T> | LocalTask<T>;

/** A provider's row of the matrix provider x task: what it offers, and nothing for the rest. */
export type ProviderAdapter = { readonly [T in Task]?: TaskAdapter<T> };
