import type { Priority } from "../contract/priority.ts";
import type { CacheDirectives } from "../domain/cache/cache-directives.ts";
import type { Release } from "../domain/config/release.ts";
import type { Deadline } from "../domain/requests/deadline.ts";
import type { Defer } from "../domain/facts/fact.ts";
import type { Route } from "../domain/routing/catalog.ts";
import type { Place } from "../domain/routing/planning.ts";
import type { Caller } from "./caller.ts";
import type { Ask } from "./targets/ask.ts";

/** What every authenticated request has, whatever it asks for. */
export interface RequestCall {
  readonly caller: Caller;
  /** The config that decides about it, from its first step to its last. */
  readonly release: Release;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Nothing is started that could not end by then. */
  readonly deadline: Deadline;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  readonly requestId: string;
  /** The client's own labels for this use. */
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly traceparent: string | undefined;
  readonly readHeader?: ((name: string) => string | null) | undefined;
  /** Where the request came in; undefined where nobody knows, as for a job that runs later. */
  readonly place: () => Place | undefined;
  /** Undefined where the client leaves it to the route. */
  readonly priority: Priority | undefined;
  /** Goes on when the client has left; called before anything is begun that costs. */
  readonly outlive: () => void;
  /** Lets work outlive the response (the platform's waitUntil). */
  readonly defer: Defer;
  /** Adds to what `Server-Timing` says. */
  readonly time: (what: "cache" | "window" | "upstream" | `attempt-${number}`, ms: number) => void;
}

/** One request for an answer, parsed, authenticated and with its route. */
export interface InferenceCall extends RequestCall, Ask {
  readonly caller: Caller;
  readonly priority: Priority;
  readonly route: Route;
  readonly directives: CacheDirectives;
  /** Its key under a plan's first target, where the same text was asked before. */
  readonly knownKey?: KnownKey | undefined;
  /** The target after which to begin, where its answer broke off before. */
  readonly brokeAt?: string | undefined;
  /** The run of a job that it is, where it is one: its queue repeats what fails. */
  readonly run?: { readonly isRepeat: boolean } | undefined;
  /** Called with the key where the answer was in the isolate's memory. */
  readonly onMemoryHit?: ((key: KnownKey) => void) | undefined;
}

/** A call's cache key under one target. */
export interface KnownKey {
  readonly key: string;
  /** The target's label. */
  readonly target: string;
}
