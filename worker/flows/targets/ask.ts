import type { Priority } from "../../contract/priority.ts";
import type { Upload } from "../../contract/endpoints.ts";
import type { Task, TaskRequests } from "../../contract/requests.ts";
import type { Defer } from "../../domain/facts/fact.ts";
import type { Deadline } from "../../domain/requests/deadline.ts";
import type { UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { Limiter } from "../../platform/limiter.ts";
import type { UploadBody } from "../../platform/call-provider.ts";
import type { Caller } from "../caller.ts";
import type { KeyTries } from "./key-tries.ts";
import type { CallWatch } from "./watch-target.ts";

/** The few things that every upstream call needs of whatever it is made for. */
interface Asking {
  /** The request, the job or the window's call that it is made for. */
  readonly requestId: string;
  /** Who pays; undefined where several requests share the call. */
  readonly caller: Caller | undefined;
  /** How many requests it is made for, where not for one. */
  readonly sharedBy?: number;
  /** Nothing is started that could not end by then. It moves where someone joins who waits longer. */
  readonly deadline: Deadline;
  /** Aborts when no request waits for the answer any more. */
  readonly signal: AbortSignal;
  readonly traceparent: string | undefined;
  /** Reads a header of the client's request; absent where there is none any more, or there are several. */
  readonly readHeader?: ((name: string) => string | null) | undefined;
  readonly defer: Defer;
  /** Sent where the same call may be made again: providers that support it then do the work only once. */
  readonly idempotencyKey?: string | undefined;
  /** Bounds how many calls run at once; only work that nobody waits for has it. */
  readonly inTurn?: Limiter | undefined;
  /** What goes first where a target takes only so many calls at once; `normal` where absent. */
  readonly priority?: Priority | undefined;
  /** Its slot at such a target; waits for it, and tells why there is none, where there is none. */
  readonly slot?: { enter(): Promise<UpstreamFailure | undefined> } | undefined;
  /** Hears which of a provider's keys were used. */
  readonly keyTries?: KeyTries | undefined;
  /** Watches the target, whose breaker may be open. */
  readonly watch?: CallWatch | undefined;
}

/** A request for an answer, as one call asks a target for it. */
export interface Ask extends Asking {
  readonly task: Task;
  readonly body: TaskRequests[Task];
  readonly streamed: boolean;
  /** The client is to see the event that only says what was used. */
  readonly showsUsage: boolean;
  /** The answer goes to one client only, and is not recorded: its events need not be read on their way. */
  readonly mayPipe?: boolean;
  /** A stream is passed on only when it is whole. */
  readonly holds?: boolean;
}

/** A recording that is passed on as it arrives. */
export interface UploadAsk extends Asking {
  readonly upload: Upload;
  readonly contentType: string;
  /** The form with the model of a target in it. */
  readonly openBody: (model: string) => UploadBody;
}
