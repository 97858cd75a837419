import type { Priority } from "../../contract/priority.ts";
import type { RouteTask, Task } from "../../contract/requests.ts";
import type { HealthView } from "../resilience/health-view.ts";
import type { Route } from "./catalog.ts";

/** Where a request came in, as far as the platform knows. */
export interface Place {
  /** Two letters, as `EU`. */
  readonly continent?: string | undefined;
  /** ISO 3166-1, two letters, as `DE`. */
  readonly country?: string | undefined;
  /** Degrees, as decimal text. */
  readonly latitude?: string | undefined;
  readonly longitude?: string | undefined;
}

/** All that decides which targets a request may be sent to, and in which order. */
export interface Planning {
  readonly route: Pick<Route, "targets" | "strategy" | "promptCache">;
  readonly task: Task | RouteTask;
  /** The request as the gateway has read it; absent for an upload, which it does not read. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  readonly streamed: boolean;
  /** Whether the answer may be kept: then the same request is to go to the same target, whose answer that is. */
  readonly keeps: boolean;
  /** Who pays; undefined where requests of several share the call. */
  readonly tenant: string | undefined;
  /** What the tenant's requests must not leave. */
  readonly jurisdiction: string | undefined;
  readonly priority: Priority;
  /** Read only where it is wanted. */
  readonly place: () => Place | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Uniform in (0, 1]. */
  readonly roll: number;
  readonly health: HealthView;
  /** The target after which to begin, where its answer broke off before. */
  readonly brokeAt?: string | undefined;
}
