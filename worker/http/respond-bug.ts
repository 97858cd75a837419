import type { Task } from "../contract/requests.ts";
import { ObjectUnavailable } from "../platform/call-object.ts";
import type { Log } from "../platform/log.ts";
import type { Reply } from "./reply.ts";
import type { RequestContext } from "./request-context.ts";
import { respondError } from "./respond.ts";

/** What a handler throws is a bug, or an object that was not reached: it is logged, and none of it is told. */
export function respondBug(
  error: unknown,
  context: RequestContext,
  task: Task | undefined,
  log: Pick<Log, "warn">,
): Reply {
  const unavailable = error instanceof ObjectUnavailable;
  log.warn(unavailable ? "object_unavailable" : "bug", { request: context.requestId, error });
  return respondError({ code: unavailable ? "overloaded" : "internal_error" }, context, {}, task);
}
