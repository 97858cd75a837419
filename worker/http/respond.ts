import { ERRORS, type GatewayError } from "../contract/errors.ts";
import type { Task } from "../contract/requests.ts";
import { writeErrorBody } from "./error-forms.ts";
import type { RequestContext } from "./request-context.ts";

/** A JSON response; bytes and text are taken as JSON already written. */
export function respondJson(body: unknown, headers: Record<string, string> = {}, status = 200): Response {
  const written = body instanceof Uint8Array || typeof body === "string" ? body : JSON.stringify(body);
  return new Response(written, { status, headers: { ...headers, "content-type": "application/json" } });
}

/** The one way a failure reaches the wire; the task decides the form of its body. */
export function respondError(
  error: GatewayError,
  context: RequestContext,
  headers = {},
  task?: Task,
): Response {
  context.refusal = error;
  const row = ERRORS[error.code];
  const waits =
    error.retryAfterMs ?? (row.status === 429 || row.status === 503 ? DEFAULT_WAIT_MS : undefined);
  return respondJson(
    writeErrorBody(error, context.requestId, task),
    {
      ...headers,
      ...(waits === undefined ? {} : { "retry-after": String(Math.ceil(waits / 1000)) }),
      ...((error.attempts ?? 1) > 1 ? { "x-should-retry": "false" } : {}),
      ...(error.attempts === undefined ? {} : { "x-headrace-attempts": String(error.attempts) }),
    },
    row.status,
  );
}

const DEFAULT_WAIT_MS = 1000;

/** Adds what every response carries, whatever became of the request. */
export function finishResponse(response: Response, context: RequestContext, configVersion: string): Response {
  const { headers } = response;
  headers.set("x-request-id", context.requestId);
  headers.set("x-headrace-config", configVersion);
  let timing = "";
  for (const [stage, ms] of context.timing) timing += `${stage};dur=${ms}, `;
  headers.set("server-timing", `${timing}total;dur=${context.now() - context.startedAt}`);
  return response;
}
