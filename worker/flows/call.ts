import type { Scope } from "../contract/endpoints.ts";
import type { Task, TaskRequests } from "../contract/requests.ts";
import type { CacheDirectives } from "../domain/cache/cache-directives.ts";
import type { UpstreamFailure } from "../domain/routing/upstream-failure.ts";

/** Who is asking. Nothing a client sends but its key decides it. */
export interface Caller {
  /** Who pays, and whose cache it is. */
  readonly tenant: string;
  /** Tells one key of the tenant from another; says nothing of the key itself. */
  readonly keyId: string;
  readonly scopes: readonly Scope[];
}

/** What every authenticated request has, whatever it asks for. */
export interface RequestCall {
  readonly caller: Caller;
  /** Milliseconds since the epoch; nothing is started that could not end by then. */
  readonly deadlineAt: number;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  readonly requestId: string;
  /** The client's own labels for this use. */
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly traceparent: string | undefined;
  /** Where the request came in, by its two letters; requests of one continent share windows. */
  readonly continent: string | undefined;
  /** Lets work outlive the response (the platform's waitUntil). */
  readonly defer: (work: Promise<unknown>) => void;
  /** Adds to what `Server-Timing` says. */
  readonly time: (what: "cache" | "window" | "upstream", ms: number) => void;
}

/** One request for an answer, parsed and authenticated. */
export interface InferenceCall extends RequestCall {
  readonly task: Task;
  readonly body: TaskRequests[Task];
  readonly streamed: boolean;
  readonly directives: CacheDirectives;
  /** Hears of each call of a target that failed, as it fails. */
  readonly onFailedAttempt?: (target: string, failure: UpstreamFailure) => void;
}
