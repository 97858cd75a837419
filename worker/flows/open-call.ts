import type { GatewayError } from "../contract/errors.ts";
import { canStream, isStreamed, type Task, type TaskRequests } from "../contract/requests.ts";
import { NO_DIRECTIVES, parseCacheControl } from "../domain/cache/cache-directives.ts";
import { parseRequest } from "../domain/requests/parse-request.ts";
import { showsUsage } from "../domain/requests/shows-usage.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { resolveRoute } from "../domain/routing/catalog.ts";
import { nameModel } from "../domain/routing/name-model.ts";
import type { InferenceCall, RequestCall } from "./call.ts";

/** An inference as it is asked for: its task, its body as JSON, and the request's `Cache-Control`. */
export interface AskedInference {
  readonly task: Task;
  readonly body: unknown;
  readonly cacheControl: string | null;
  readonly mayPipe?: boolean;
  /** The client wants a stream only when it is whole; its route may hold it back in any case. */
  readonly prefersHold?: boolean;
  readonly knownKey?: InferenceCall["knownKey"];
  readonly onMemoryHit?: InferenceCall["onMemoryHit"];
}

/**
 * Opens the call of an admitted request: checks the body, and finds the route, once for all that follows.
 * Fails as `invalid_request` (a stream of a task that has none, too), `model_not_found` or `not_configured`.
 */
export function openCall(request: RequestCall, asked: AskedInference): Result<InferenceCall, GatewayError> {
  const parsed = readRequest(request, asked.task, asked.body);
  return parsed.ok ? routeCall(request, asked, parsed.value) : parsed;
}

/** The same for a body that has been checked. */
export function routeCall(
  request: RequestCall,
  {
    task,
    cacheControl,
    mayPipe = false,
    prefersHold = false,
    knownKey,
    onMemoryHit,
  }: Omit<AskedInference, "body">,
  body: InferenceCall["body"],
): Result<InferenceCall, GatewayError> {
  const route = resolveRoute(request.release.catalog, body.model, task);
  if (!route.ok) return route;
  const streamed = isStreamed(body);
  if (streamed && !canStream(task)) return err(NO_STREAM);
  return ok({
    ...request,
    task,
    body,
    route: route.value,
    priority: request.priority ?? route.value.priority,
    streamed,
    showsUsage: showsUsage(route.value, body),
    directives: cacheControl === null ? NO_DIRECTIVES : parseCacheControl(cacheControl),
    mayPipe,
    holds: streamed && (prefersHold || route.value.streams.hold === true),
    knownKey,
    onMemoryHit,
  });
}

const NO_STREAM: GatewayError = {
  code: "invalid_request",
  param: "stream",
  message: "stream: this task's answers are no streams; leave it out.",
};

/** Checks a body, with the route's name in it where the client may leave that out. */
export function readRequest<T extends Task>(
  { release }: Pick<RequestCall, "release">,
  task: T,
  body: unknown,
): Result<TaskRequests[T], GatewayError> {
  const named = nameModel(task, body, release.catalog);
  return named.ok ? parseRequest(task, named.value) : named;
}
