import { readText, release } from "./body.ts";
import type { BodyReader } from "./body.ts";
import { HeadraceError } from "./errors.ts";
import { parseRetryAfterMs } from "./retry.ts";
import type { Failure } from "./retry.ts";
import { buildServerError, holdsList, isRecord, parseServerJson } from "./server-error.ts";
import type { Redact } from "./server-error.ts";

/** At most so much of an error body is read, in UTF-16 units. */
const LONGEST_ERROR_BODY = 65_536;

/**
 * Reads an answer that must be a JSON object, with an array under `listKey` if that is given. Throws
 * `connection_error` where the body breaks off, `invalid_response` where it is something else.
 */
export async function readJson<T extends object>(response: Response, listKey?: keyof T & string): Promise<T> {
  const body = parseServerJson(await response.text().catch(failConnection));
  if (listKey === undefined ? isRecord(body) : holdsList<T>(body, listKey)) return body as T;
  throw invalidResponse(response);
}

/** Takes the body of an event stream; throws `invalid_response` where the response is not one. */
export function takeEventStream(response: Response): BodyReader {
  if (isEventStream(response) && response.body !== null) return response.body.getReader();
  response.body?.cancel().catch(() => {});
  throw invalidResponse(response);
}

export function isEventStream({ headers }: Response): boolean {
  return headers.get("content-type")?.startsWith("text/event-stream") === true;
}

/** Turns a response that is not 2xx into a failure, and releases its body. */
export async function readFailure(response: Response, redact: Redact): Promise<Failure> {
  const { status, headers } = response;
  const advised = headers.get("x-should-retry");
  const advice = advised === "true" || (advised === "false" ? false : undefined);
  const body = parseServerJson(await readStart(response.body), redact);
  const error = buildServerError(body, `The server answered ${status}.`, {
    code: `http_${status}`,
    status,
    requestId: readRequestId(response),
    retryable: advice ?? (status === 408 || status === 429 || status >= 500),
    retryAfterMs: parseRetryAfterMs(headers.get("retry-after"), Date.now()),
  });
  return { ok: false, error, retry: advice ?? error.retryable };
}

/** Throws the error of a request that never got its answer, or only a part of it. */
export function failConnection(cause: unknown): never {
  throw new HeadraceError("The connection to the server failed.", {
    code: "connection_error",
    retryable: true,
    cause,
  });
}

function invalidResponse(response: Response): HeadraceError {
  const { status } = response;
  return new HeadraceError(`The server answered ${status}, but not as its API does. Is baseURL right?`, {
    code: "invalid_response",
    status,
    requestId: readRequestId(response),
  });
}

function readRequestId({ headers }: Response): string | undefined {
  return headers.get("x-request-id") ?? undefined;
}

/** What there is of a body, as far as the limit; a body that breaks off does not hide its status. */
async function readStart(body: ReadableStream<Uint8Array> | null): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  let text = "";
  try {
    for await (const piece of readText(reader)) {
      text += piece;
      if (text.length > LONGEST_ERROR_BODY) break;
    }
  } catch {
    // What came before the break is used.
  }
  release(reader);
  return text;
}
