import type { Scope } from "../contract/endpoints.ts";
import type { GatewayError } from "../contract/errors.ts";
import type { Release } from "../domain/config/release.ts";
import { Deadline } from "../domain/requests/deadline.ts";
import { mayCall } from "../domain/requests/may-call.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { Place } from "../domain/routing/planning.ts";
import { authenticate } from "../flows/authenticate.ts";
import type { RequestCall } from "../flows/call.ts";
import type { FindKey } from "../platform/key-store.ts";
import type { Log } from "../platform/log.ts";
import {
  readDeadline,
  readMetadata,
  readPriority,
  readTraceparent,
  type RequestContext,
} from "./request-context.ts";

/** The part of the gateway that admission needs. */
interface Door {
  readonly release: Release;
  readonly findKey: FindKey;
  readonly services: { readonly log: Log };
}

/**
 * The first steps of every request that needs a key: finds the caller, checks the scope, reads deadline and
 * labels.
 */
export async function admitRequest(
  request: Request,
  needs: Scope,
  context: RequestContext,
  { findKey, services, release }: Door,
): Promise<Result<RequestCall, GatewayError>> {
  const { headers } = request;
  const caller = await authenticate(headers, findKey, services.log);
  context.timing.set("auth", context.now() - context.startedAt);
  if (!caller.ok) return caller;
  context.caller = caller.value;
  if (!mayCall(caller.value.scopes, needs)) return err({ code: "scope_denied" });
  const deadlineAt = readDeadline(headers, context.startedAt);
  if (!deadlineAt.ok) return deadlineAt;
  const priority = readPriority(headers);
  if (!priority.ok) return priority;
  const metadata = readMetadata(headers);
  if (!metadata.ok) return metadata;
  return ok({
    caller: caller.value,
    release,
    startedAt: context.startedAt,
    deadline: new Deadline(deadlineAt.value),
    signal: request.signal,
    requestId: context.requestId,
    metadata: metadata.value,
    traceparent: readTraceparent(headers),
    readHeader: (name) => headers.get(name),
    // Read only where it is wanted: the platform parses it anew for each request.
    place: () => request.cf as Place | undefined,
    priority: priority.value,
    defer: context.defer,
    outlive: context.outlive,
    time: (what, ms) => context.timing.set(what, ms),
  });
}
