import { type GatewayError, isRetryable } from "../contract/errors.ts";
import type { Task } from "../contract/requests.ts";
import { findStatus, writeErrorBody } from "./error-forms.ts";
import type { Reply } from "./reply.ts";
import type { RequestContext } from "./request-context.ts";

/** A JSON response; bytes and text are taken as JSON already written. */
export function respondJson(body: unknown, headers: Record<string, string> = {}, status = 200): Reply {
  const written = body instanceof Uint8Array || typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers: { ...headers, "content-type": "application/json" }, body: written };
}

/** The one way a failure reaches the wire; the task decides the form of its body. */
export function respondError(error: GatewayError, context: RequestContext, headers = {}, task?: Task): Reply {
  context.refusal = error;
  const status = findStatus(error, task);
  const waits = findWait(error, status);
  return respondJson(
    writeErrorBody(error, context.requestId, task),
    {
      ...headers,
      ...(waits === undefined ? {} : { "retry-after": String(Math.ceil(waits / 1000)) }),
      ...(waits === undefined && isInVain(error, status) ? { "x-should-retry": "false" } : {}),
      ...(error.acceptEncoding === undefined ? {} : { "accept-encoding": error.acceptEncoding }),
      ...(error.attempts === undefined ? {} : { "x-headrace-attempts": String(error.attempts) }),
    },
    status,
  );
}

const DEFAULT_WAIT_MS = 1000;
const WAITING: ReadonlySet<number> = new Set([429, 503, 529]);

/** How long a client is asked to wait, in milliseconds; undefined where a repeat is no use, or may come at once. */
function findWait(error: GatewayError, status: number): number | undefined {
  if (!isRetryable(error)) return undefined;
  return error.retryAfterMs ?? (WAITING.has(status) ? DEFAULT_WAIT_MS : undefined);
}

/**
 * Whether a client's own rule would have it repeat what it should not: no repeat can help, or the gateway has
 * just tried every target.
 */
const isInVain = (error: GatewayError, status: number): boolean =>
  (status >= 500 || status === 409) && (!isRetryable(error) || (error.attempts ?? 1) > 1);

/** Makes the response, with what every one carries, whatever became of the request. */
export function sendReply(
  { status, headers, body, webSocket }: Reply,
  { requestId, timing, now, startedAt }: RequestContext,
  configVersion: string,
): Response {
  headers["x-request-id"] = requestId;
  headers["x-headrace-config"] = configVersion;
  let stages = "";
  for (const [stage, ms] of timing) stages += `${stage};dur=${ms}, `;
  headers["server-timing"] = `${stages}total;dur=${now() - startedAt}`;
  return new Response(body, webSocket ? { status, headers, webSocket } : { status, headers });
}
