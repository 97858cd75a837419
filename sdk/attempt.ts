import { HeadraceError, isHeadraceError } from "./errors.ts";
import { abortable, startLimit } from "./limit.ts";
import { isHeaderSafe } from "./options.ts";
import type { Fetch, TokenSource } from "./options.ts";
import { connectionError, readFailure } from "./response.ts";
import type { Outcome } from "./retry.ts";
import type { Redact } from "./server-error.ts";

/** One HTTP request, ready to be sent any number of times. */
export interface PreparedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON to POST; undefined for a GET. */
  readonly body: string | undefined;
  readonly credential: TokenSource;
  readonly fetch: Fetch;
  readonly attemptTimeoutMs: number | undefined;
  /** Ends the whole call; its reason is the error to give. */
  readonly signal: AbortSignal;
}

/** Makes the result of a 2xx response; `redact` is for what it keeps of the server's words. */
export type ReadResponse<T> = (response: Response, redact: Redact) => T | Promise<T>;

/** Sends the request once, within its time. Never throws but for a bug: what fails is an outcome. */
export async function runAttempt<T>(request: PreparedRequest, read: ReadResponse<T>): Promise<Outcome<T>> {
  const limit = startLimit(request.attemptTimeoutMs, request.signal);
  try {
    return await abortable(exchange(request, read, limit.signal), limit.signal);
  } catch (error) {
    if (!isHeadraceError(error)) throw error;
    return { ok: false, error, retry: error.retryable };
  } finally {
    limit.end();
  }
}

async function exchange<T>(
  request: PreparedRequest,
  read: ReadResponse<T>,
  signal: AbortSignal,
): Promise<Outcome<T>> {
  const secret = await resolveSecret(request.credential);
  const redact: Redact = (text) => text.replaceAll(secret, "[redacted]");
  const response = await request
    .fetch(request.url, buildInit(request, secret, signal))
    .catch((cause: unknown) => {
      throw connectionError(cause);
    });
  // A `fetch` that ignores signals has answered too late for anyone to read it.
  if (signal.aborted) await response.body?.cancel();
  if (!response.ok) return readFailure(response, redact, Date.now());
  return { ok: true, value: await read(response, redact) };
}

function buildInit(request: PreparedRequest, secret: string, signal: AbortSignal): RequestInit {
  return {
    ...withoutCookies(),
    method: request.body === undefined ? "GET" : "POST",
    headers: { ...request.headers, authorization: `Bearer ${secret}` },
    ...(request.body === undefined ? {} : { body: request.body }),
    signal,
  };
}

/** Browsers send cookies to the page's origin unless told; Workers have none, and may throw on the field. */
function withoutCookies(): { readonly credentials?: "omit" } {
  return typeof Request === "function" && "credentials" in Request.prototype ? { credentials: "omit" } : {};
}

async function resolveSecret(credential: TokenSource): Promise<string> {
  if (typeof credential === "string") return credential;
  const token = await Promise.resolve()
    .then(credential)
    .catch((cause: unknown) => {
      throw tokenError("The token function failed.", cause);
    });
  if (!isHeaderSafe(token)) throw tokenError("The token function gave something other than a token.");
  return token;
}

function tokenError(message: string, cause?: unknown): HeadraceError {
  return new HeadraceError(message, { code: "token_failed", cause });
}
