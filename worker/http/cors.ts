import { ENDPOINTS } from "../contract/endpoints.ts";
import { headers } from "../contract/openapi/openapi-headers.ts";
import { isOriginAllowed } from "../domain/config/cors.ts";
import type { OpenHandler } from "./handler.ts";
import { respondError } from "./respond.ts";
import type { Reply } from "./reply.ts";
import { taskOfForm } from "./task-of-form.ts";

const METHODS = [...new Set(Object.values(ENDPOINTS).map(({ method }) => method))].join(", ");
/** The headers of a response that a page may read: all that the contract describes. */
const EXPOSED = Object.keys(headers).join(", ");

/** Answers a browser's preflight: 204 for an origin of the config, else 403. */
export const handlePreflight: OpenHandler = async (request, context, { release }) => {
  const origin = request.headers.get("origin");
  if (origin === null || !isOriginAllowed(origin, release.config.cors.origins)) {
    return respondError({ code: "origin_denied" }, context, {}, taskOfForm(request));
  }
  return {
    status: 204,
    headers: {
      "access-control-allow-methods": METHODS,
      "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "",
      "access-control-max-age": "7200",
      // Chrome asks before a page of the public web may call this machine or its network.
      ...(request.headers.get("access-control-request-private-network") === "true"
        ? { "access-control-allow-private-network": "true" }
        : {}),
    },
    body: null,
  };
};

/** Lets a page of an allowed origin read the response; credentials are never cookies, so none are allowed. */
export function allowOrigin(request: Request, reply: Reply, origins: readonly string[]): void {
  const { headers: sent } = reply;
  const origin = request.headers.get("origin");
  sent["vary"] = "Origin";
  if (origin === null || !isOriginAllowed(origin, origins)) return;
  sent["access-control-allow-origin"] = origin;
  sent["access-control-expose-headers"] = EXPOSED;
}
