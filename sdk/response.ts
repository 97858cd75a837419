import { HeadraceError } from "./errors.ts";
import { parseRetryAfterMs } from "./retry.ts";
import type { Failure } from "./retry.ts";
import { buildServerError, holdsList, parseServerJson } from "./server-error.ts";
import type { Redact } from "./server-error.ts";

/** An error body is read so far and no further, in UTF-16 units. */
const LONGEST_ERROR_BODY = 65_536;

/**
 * Reads an answer that must be a JSON object with an array under `listKey`. Throws
 * `connection_error` where the body breaks off, `invalid_response` where it is something else.
 */
export async function readJson<T extends object>(response: Response, listKey: keyof T & string): Promise<T> {
  const text = await response.text().catch((cause: unknown) => {
    throw connectionError(cause);
  });
  const body = parseServerJson(text);
  if (holdsList<T>(body, listKey)) return body;
  throw invalidResponse(response, `a JSON object with "${listKey}"`);
}

/** Takes the body of an event stream; throws `invalid_response` where the response is not one. */
export function takeEventStream(response: Response): ReadableStream<Uint8Array> {
  const isEventStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  if (isEventStream && response.body !== null) return response.body;
  response.body?.cancel().catch(() => {});
  throw invalidResponse(response, "an event stream");
}

/** Turns a response that is not 2xx into a failure, and lets go of its body. */
export async function readFailure(response: Response, redact: Redact, nowMs: number): Promise<Failure> {
  const { status, headers } = response;
  const advice = parseAdvice(headers.get("x-should-retry"));
  const error = buildServerError(parseServerJson(await readStart(response.body), redact), {
    message: `The server answered ${status}.`,
    code: `http_${status}`,
    status,
    requestId: headers.get("x-request-id") ?? undefined,
    retryable: advice ?? (status === 408 || status === 429 || status >= 500),
    retryAfterMs: parseRetryAfterMs(headers.get("retry-after"), nowMs),
  });
  return { ok: false, error, retry: advice ?? error.retryable };
}

/** The error of a request that never got its answer, or only a part of it. */
export function connectionError(cause: unknown): HeadraceError {
  const message = "The connection to the server failed.";
  return new HeadraceError(message, { code: "connection_error", retryable: true, cause });
}

function invalidResponse({ status, headers }: Response, expected: string): HeadraceError {
  return new HeadraceError(`The server answered ${status}, but not with ${expected}. Is baseURL right?`, {
    code: "invalid_response",
    status,
    requestId: headers.get("x-request-id") ?? undefined,
  });
}

function parseAdvice(header: string | null): boolean | undefined {
  return header === "true" ? true : header === "false" ? false : undefined;
}

/** What there is of a body, as far as the limit; a body that breaks off does not hide its status. */
async function readStart(body: ReadableStream<Uint8Array> | null): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (text.length < LONGEST_ERROR_BODY) {
      const { done, value } = await reader.read();
      if (done) return text;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    return text;
  }
  reader.cancel().catch(() => {});
  return text;
}
