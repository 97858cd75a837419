import type { GatewayError } from "../contract/errors.ts";
import { ok, type Result } from "../domain/result.ts";
import { authenticate } from "../flows/authenticate.ts";
import type { RequestCall } from "../flows/call.ts";
import type { Gateway } from "./gateway.ts";
import { readDeadline, readMetadata, readTraceparent, type RequestContext } from "./request-context.ts";

/** The first steps of every request for an answer: who asks, until when, and under which labels. */
export async function admitRequest(
  request: Request,
  context: RequestContext,
  gateway: Gateway,
): Promise<Result<RequestCall, GatewayError>> {
  const principal = await authenticate(request.headers, gateway.findKey, gateway.services.log);
  context.timing.set("auth", context.now() - context.startedAt);
  if (!principal.ok) return principal;
  const deadlineAt = readDeadline(request.headers, context.startedAt);
  if (!deadlineAt.ok) return deadlineAt;
  const metadata = readMetadata(request.headers);
  if (!metadata.ok) return metadata;
  return ok({
    caller: principal.value,
    release: gateway.release,
    startedAt: context.startedAt,
    deadlineAt: deadlineAt.value,
    signal: request.signal,
    requestId: context.requestId,
    metadata: metadata.value,
    traceparent: readTraceparent(request.headers),
    continent: (request.cf as { readonly continent?: string } | undefined)?.continent,
    defer: context.defer,
    time: (what, ms) => context.timing.set(what, ms),
  });
}
