import type { ConcurrencyRule } from "../../contract/config/concurrency.ts";
import type { Upload } from "../../contract/endpoints.ts";
import type { Task, TaskRequests } from "../../contract/requests.ts";
import type { Usage } from "../../contract/responses.ts";
import type { JsonObject } from "../requests/json-object.ts";
import type { Result } from "../result.ts";

/**
 * What the gateway needs of a provider. Adapters are data and pure functions: they never fetch, never see the
 * environment, and hold no state.
 */
export interface Connection {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** The one that a call uses; of several, the first until one is chosen. */
  readonly apiKey: string | undefined;
  /** All that are set, where there are several. */
  readonly keys?: readonly ProviderKey[];
  readonly headers: Readonly<Record<string, string>>;
  /** What becomes of tools that the target has not, as its route says; `leave_out` where absent. */
  readonly unavailableTools?: "leave_out" | "refuse";
  /** How many calls the provider takes at once, of all its models; any number where absent. */
  readonly concurrency?: ConcurrencyRule;
  /** Headers of clients that are passed on, in lower case; none where absent. */
  readonly clientHeaders?: readonly string[];
}

/** One of the keys of a provider that has several. */
export interface ProviderKey {
  /** Of its secret: what logs may tell. */
  readonly name: string;
  readonly value: string;
}

export interface ProviderRequest {
  /** POST where absent. */
  readonly method?: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A whole answer, ready for the client. */
export interface Answer {
  /** JSON text in the contract's shape for the task. */
  readonly body: string;
  readonly usage: Usage | null;
  /**
   * Why it is not an answer to all of the request's inputs; absent where it is. Where several requests share the
   * call, those whose inputs are answered can use it.
   */
  readonly lacks?: string | undefined;
}

/** Why an answer could not be used. `reason` is for the logs, `message` is the provider's own. */
export interface AnswerFailure {
  readonly kind: "invalid_response" | "invalid_input";
  readonly reason: string;
  readonly message?: string;
  readonly told?: ToldFailure;
  /** What was used all the same, where the answer says so. */
  readonly usage?: Usage | null;
}

/** A failure that a provider tells of in an answer of status 200, and the status that it has elsewhere. */
export interface ToldFailure {
  readonly status: number;
  readonly message?: string;
  readonly code?: string;
  readonly type?: string;
  /** The request's field at fault. */
  readonly param?: string;
}

/** One event of a provider's stream, as it came. */
export interface ServerSentEvent {
  /** The text after `event:`; undefined where the event has no name. */
  readonly name: string | undefined;
  readonly data: string;
}

/**
 * What one event of a stream means to the gateway. `emit` is what clients get instead, as event stream text,
 * from none to many events; without it the event is passed on unchanged.
 */
export type StreamEvent =
  /** Says nothing of the answer: a heartbeat, a name, a part that is empty. */
  | { readonly kind: "comment"; readonly emit?: string }
  /** A part of the answer, or its end: until the first of these, another target may still answer. */
  | { readonly kind: "delta"; readonly emit?: string }
  /**
   * `only`: the event has usage and nothing else, and only clients that asked for usage get it. `speaks`: it is
   * a part of the answer as well.
   */
  | {
      readonly kind: "usage";
      readonly usage: Usage;
      readonly only: boolean;
      readonly speaks?: boolean;
      readonly emit?: string;
    }
  /** `inForm`: clients of the same API find the failure in the event itself. */
  | {
      readonly kind: "error";
      readonly reason: string;
      readonly told?: ToldFailure;
      /** What was used until then, where the event says so. */
      readonly usage?: Usage | null;
      readonly inForm?: boolean;
      /** What it is where nothing is told; `upstream_error` where absent. */
      readonly code?: "upstream_invalid_response";
    }
  | { readonly kind: "done"; readonly emit?: string }
  /** What the provider says in one event and clients are told in several, in their order. */
  | { readonly kind: "several"; readonly events: readonly StreamEvent[] };

/** Reads the events of one stream in their order; it may keep state between them. */
export interface EventReader {
  (event: ServerSentEvent): StreamEvent;
  /**
   * The events that a stream's clean end stands for, where the provider has no event for its end: up to
   * `done`. A stream that just ends is broken without this method, or without a `done` among its events.
   */
  end?(): readonly StreamEvent[];
  /**
   * What is passed on unchanged: the whole stream, or all but an event that only says what was used. Absent
   * where clients get other events than the provider sent. The first events may tell: it is read after them.
   */
  readonly passesOn?: "all" | "all_but_usage";
  /**
   * How far these bytes, which begin with an event, are plainly nothing but deltas that go on as they came;
   * from there on they are to be read one by one.
   */
  skim?(bytes: Uint8Array): Skimmed;
}

/** The whole events at the front of some bytes that need no reading. */
export interface Skimmed {
  readonly events: number;
  /** How many bytes they are. */
  readonly end: number;
}

/** What a provider's refusal means, where its status and headers alone are misleading. */
export interface Refusal {
  readonly status?: number;
  readonly retryAfterMs?: number;
}

/** How a provider's whole answer and its stream are made of each other. */
export interface AnswerForms {
  /** The stream of a whole answer, as event stream text; undefined where the object is none. */
  split(answer: JsonObject): string | undefined;
  /** The whole answer that the events of a complete stream make. */
  join(events: readonly JsonObject[]): JsonObject;
}

/** A provider's task that is reached by HTTP. */
export interface HttpTask<T extends Task> {
  readonly kind: "http";
  /**
   * `model` is the target's; the input's own `model` is the route's name and is replaced. Fails, as
   * `invalid_input`, on what the provider cannot be asked, naming the field.
   */
  buildRequest(
    input: TaskRequests[T],
    model: string,
    connection: Connection,
  ): Result<ProviderRequest, AnswerFailure>;
  /** Reads a 2xx body; the input is the request's. */
  parseResponse(text: string, input: TaskRequests[T]): Result<Answer, AnswerFailure>;
  /** What a 2xx body says was used, for one that is no answer; absent where no body tells. */
  readonly readUsage?: (text: string) => Usage | null;
  /** Reads the body of a status that is not 2xx; absent where status and headers suffice. */
  readonly readRefusal?: (status: number, text: string) => Refusal;
  /** Starts to read one stream; absent where the task does not stream. */
  readStream?(input: TaskRequests[T]): EventReader;
  /** For servers that stream what was asked for whole, or the other way round; absent where none does. */
  readonly forms?: AnswerForms;
  /** The answer's bytes go to the client as they come, unread: sound, pictures. */
  readonly raw?: true;
  /** Whether the provider's own form of the task has all that an input asks for; absent where it always has. */
  takes?(input: TaskRequests[T]): boolean;
  /** The task in another form of the provider's, for what it does not take. */
  readonly instead?: HttpTask<T>;
  /** What is answered where the provider turns out to have nothing at the task's address. */
  readonly whereMissing?: LocalTask<T>;
  /** Of those, an answer that is short JSON is read all the same: `parseResponse` tells whether it is one. */
  readonly rawJson?: true;
  /** Most inputs of one call; more are sent in several, and their answers joined. Absent where there is no bound. */
  readonly maxInputs?: number;
}

/** A provider's task that is computed inside the Worker. */
export interface LocalTask<T extends Task> {
  readonly kind: "local";
  answer(input: TaskRequests[T], model: string): Result<Answer, AnswerFailure>;
}

export type TaskAdapter<T extends Task> = HttpTask<T> | LocalTask<T>;

/** What a provider offers whose models run inside the Worker. */
export type LocalAdapter = { readonly [T in Task]?: LocalTask<T> } & KnownModels;

/** The models that a provider is known to have, by task. */
export interface KnownModels {
  readonly models?: { readonly [T in Task]?: readonly string[] };
}

/** A provider's row in the matrix provider x task: the tasks that it offers. */
export type ProviderAdapter = { readonly [T in Task]?: TaskAdapter<T> } & KnownModels & {
    /** Where recordings are sent for transcription; the body is the client's own form. */
    readonly transcriptions?: UploadTask;
  };

/** A task whose request is an upload, which is passed on as it arrives. */
export interface UploadTask {
  readonly kind: "upload";
  /** Builds all but the body and its content type, which are the client's. */
  buildRequest(connection: Connection, upload: Upload): Omit<ProviderRequest, "body">;
}
