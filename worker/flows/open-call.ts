import type { GatewayError } from "../contract/errors.ts";
import { isStreamed, type Task } from "../contract/requests.ts";
import { NO_DIRECTIVES, parseCacheControl } from "../domain/cache/cache-directives.ts";
import { parseRequest } from "../domain/requests/parse-request.ts";
import { showsUsage } from "../domain/requests/shows-usage.ts";
import { ok, type Result } from "../domain/result.ts";
import { resolveRoute } from "../domain/routing/catalog.ts";
import type { InferenceCall, RequestCall } from "./call.ts";

/** An inference as it is asked for: its task, its body as JSON, and the request's `Cache-Control`. */
export interface AskedInference {
  readonly task: Task;
  readonly body: unknown;
  readonly cacheControl: string | null;
}

/**
 * Opens the call of an admitted request: checks the body, and finds the route, once for all that follows.
 * Fails as `invalid_request`, `model_not_found` or `not_configured`.
 */
export function openCall(
  request: RequestCall,
  { task, body, cacheControl }: AskedInference,
): Result<InferenceCall, GatewayError> {
  const parsed = parseRequest(task, body);
  if (!parsed.ok) return parsed;
  const route = resolveRoute(request.release.catalog, parsed.value.model, task);
  if (!route.ok) return route;
  return ok({
    ...request,
    task,
    body: parsed.value,
    route: route.value,
    streamed: isStreamed(parsed.value),
    showsUsage: showsUsage(route.value, parsed.value),
    directives: cacheControl === null ? NO_DIRECTIVES : parseCacheControl(cacheControl),
  });
}
