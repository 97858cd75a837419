import type { Usage } from "../../contract/responses.ts";
import type { Result } from "../result.ts";
import type { Answer } from "../routing/adapter.ts";
import type { UpstreamFailure } from "../routing/upstream-failure.ts";
import type { WindowItem, WindowTask } from "./window-items.ts";

/** What the Worker and a request window's object say to each other. Times are milliseconds since the epoch. */

/** What all that meet in a window have in common; the object's name says the same. */
export interface WindowSpec {
  readonly route: string;
  /** The target's label in the route. */
  readonly target: string;
  readonly task: WindowTask;
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

/** The call that an answer came by. */
export interface WindowNote {
  readonly id: string;
  /** Items in the call, as requests had them: what two asked for counts twice. */
  readonly size: number;
  readonly waitedMs: number;
}

export type WindowReply =
  | {
      readonly kind: "answered";
      readonly body: string;
      readonly usage: Usage | null;
      readonly window: WindowNote;
    }
  | { readonly kind: "failed"; readonly failure: UpstreamFailure }
  /** Nothing was called: it could not be in time, too many wait, or its caller has left. */
  | { readonly kind: "refused"; readonly why: "late" | "full" | "left" };

/** A call that is to be made for several requests at once. */
export interface SharedCall {
  readonly spec: WindowSpec;
  readonly entries: readonly WindowEntry[];
  /** Names the call. */
  readonly id: string;
  /** Aborts when nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/** What each of those who shared a call gets of it. */
export type GroupAnswer = Result<Answer, UpstreamFailure>;

/** A window's object. A reply is kept in memory only: who gets none may ask elsewhere. */
export interface WindowPort {
  run(spec: WindowSpec, entry: WindowEntry): Promise<WindowReply>;
  /** The caller of an entry waits no more. */
  leave(id: string): Promise<void>;
}
