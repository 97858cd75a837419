import type { GatewayError } from "../contract/errors.ts";
import { isOriginAllowed } from "../domain/config/cors.ts";
import { err, ok, type Result } from "../domain/result.ts";

/** What a page may read of a response, besides its body. */
const EXPOSED = [
  "age",
  "cache-status",
  "idempotent-replayed",
  "location",
  "preference-applied",
  "request-id",
  "retry-after",
  "server-timing",
  "x-request-id",
  "x-should-retry",
  "x-headrace-attempts",
  "x-headrace-window",
  "x-headrace-config",
  "x-headrace-cost-usd",
  "x-headrace-route",
  "x-headrace-target",
].join(", ");

/** Answers a browser's preflight: 204 for an origin of the config, else 403. */
export function answerPreflight(
  request: Request,
  origins: readonly string[],
): Result<Response, GatewayError> {
  const origin = request.headers.get("origin");
  if (origin === null || !isOriginAllowed(origin, origins)) return err({ code: "origin_denied" });
  const headers = {
    "access-control-allow-methods": "GET, POST, DELETE",
    "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "",
    "access-control-max-age": "7200",
  };
  return ok(new Response(null, { status: 204, headers }));
}

/** Lets a page of an allowed origin read the response; credentials are never cookies, so none are allowed. */
export function allowOrigin(request: Request, response: Response, origins: readonly string[]): void {
  const origin = request.headers.get("origin");
  response.headers.append("vary", "Origin");
  if (origin === null || !isOriginAllowed(origin, origins)) return;
  response.headers.set("access-control-allow-origin", origin);
  response.headers.set("access-control-expose-headers", EXPOSED);
}
