import type { Usage } from "../../contract/responses.ts";
import type { Deadline } from "../requests/deadline.ts";
import type { Result } from "../result.ts";
import type { Answer } from "../routing/adapter.ts";
import type { UpstreamFailure } from "../routing/upstream-failure.ts";
import type { WindowItem, WindowTask } from "./window-items.ts";

/** The calls of the object of a window of requests. Times are milliseconds since the epoch. */

/** What all requests of a window have in common; the object's name is derived from it. */
export interface WindowSpec {
  readonly route: string;
  /** The target's label in the route. */
  readonly target: string;
  readonly task: WindowTask;
  /** Of jobs that may take their time, which go to other targets than those that hurry more. */
  readonly priority?: "economy" | undefined;
  /** The body of a call without its items. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** One request's items, which share a call with others'. */
export interface WindowEntry {
  readonly id: string;
  readonly items: readonly WindowItem[];
  /** Of each item. */
  readonly tokens: readonly number[];
  readonly deadlineAt: number;
}

/** The shared call that an answer came from. */
export interface WindowNote {
  readonly id: string;
  /** Items in the call, each counted as often as it was asked for. */
  readonly size: number;
  readonly waitedMs: number;
}

export type WindowReply =
  | {
      readonly kind: "answered";
      readonly body: string;
      readonly usage: Usage | null;
      readonly window: WindowNote;
      /** The calls that were made before it, which failed. */
      readonly rotated?: UpstreamFailure["rotated"];
    }
  | { readonly kind: "failed"; readonly failure: UpstreamFailure }
  /** No call was made: it could not be in time, too many requests wait, or the caller left. */
  | { readonly kind: "refused"; readonly why: "late" | "full" | "left" };

/** A call that is to be made for several requests at once. */
export interface SharedCall {
  readonly spec: WindowSpec;
  readonly entries: readonly WindowEntry[];
  /** Names the call. */
  readonly id: string;
  /** That of the caller who waits longest. */
  readonly deadline: Deadline;
  /** Aborts when no caller waits for it any more. */
  readonly signal: AbortSignal;
}

/** One request's part of a shared call's answer. */
export type GroupAnswer = Result<Answer & Pick<UpstreamFailure, "rotated">, UpstreamFailure>;

/** A window's object. It is in memory only: a caller that gets no reply makes a call of its own. */
export interface WindowPort {
  run(spec: WindowSpec, entry: WindowEntry): Promise<WindowReply>;
  /** Lets an entry wait until a later time, as where its caller shares it with another who waits longer. */
  extend(id: string, deadlineAt: number): Promise<void>;
  /** Takes out an entry whose caller has left, or waits no longer. */
  leave(id: string): Promise<void>;
}
