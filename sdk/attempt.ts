import type { Call } from "./call.ts";
import { HeadraceError, isHeadraceError } from "./errors.ts";
import { abortable, startLimit } from "./limit.ts";
import { isHeaderSafe } from "./options.ts";
import type { TokenSource } from "./options.ts";
import { failConnection, readFailure } from "./response.ts";
import type { Outcome } from "./retry.ts";
import type { Redact } from "./server-error.ts";

/** One HTTP request, ready to be sent any number of times. */
export interface PreparedRequest {
  readonly url: string;
  readonly init: RequestInit & { readonly headers: Headers };
  /** Whether sending it twice does no more than sending it once. */
  readonly isRepeatable: boolean;
}

/** A 2xx response; `redact` is for text of the server that goes into an error. */
export interface Answer {
  readonly response: Response;
  readonly redact: Redact;
  /** How many attempts failed before. */
  readonly retries: number;
}

/** Makes the result of an answer. */
export type ReadAnswer<T> = (answer: Answer) => T | Promise<T>;

/** Sends the request once, within its time. Never throws but for a bug: what fails is an outcome. */
export async function runAttempt<T>(
  call: Call,
  request: PreparedRequest & { readonly retries: number },
  read: ReadAnswer<T>,
): Promise<Outcome<T>> {
  const limit = startLimit(call.attemptTimeoutMs, call.signal);
  const exchange = async (): Promise<Outcome<T>> => {
    const { credential, fetch } = call.settings;
    const secret = await resolveSecret(credential);
    const redact: Redact = (text) => text.replaceAll(secret, "[redacted]");
    request.init.headers.set("authorization", `Bearer ${secret}`);
    const init = { ...request.init, ...withoutCookies(), signal: limit.signal };
    const response = await fetch(request.url, init).catch(failConnection);
    // A `fetch` that ignores signals can still answer after the abort: nobody reads that.
    if (limit.signal.aborted) await response.body?.cancel();
    limit.signal.throwIfAborted();
    if (!response.ok) return readFailure(response, redact);
    return { ok: true, value: await read({ response, redact, retries: request.retries }) };
  };
  try {
    return await abortable(exchange(), limit.signal);
  } catch (error) {
    if (!isHeadraceError(error)) throw error;
    return { ok: false, error, retry: error.retryable && (request.isRepeatable || wasNeverSent(error)) };
  } finally {
    limit.end();
  }
}

/**
 * Whether a `fetch` failed before there was a connection. Only Node's errors tell; elsewhere it must be
 * assumed that the server may have acted on the request.
 */
function wasNeverSent({ cause }: HeadraceError): boolean {
  const { code } = (cause as { readonly cause?: { readonly code?: unknown } } | undefined)?.cause ?? {};
  return /REFUSED|NOTFOUND|EAI_AGAIN|CONNECT_TIMEOUT/.test(String(code));
}

/** Browsers send cookies to the page's own origin by default. Workers have none, and may throw on the field. */
function withoutCookies(): { readonly credentials?: "omit" } {
  return "credentials" in Request.prototype ? { credentials: "omit" } : {};
}

async function resolveSecret(credential: TokenSource): Promise<string> {
  let cause: unknown;
  try {
    const token = typeof credential === "string" ? credential : await credential();
    if (isHeaderSafe(token)) return token;
  } catch (error) {
    cause = error;
  }
  throw new HeadraceError("The token function gave no token.", { code: "token_failed", cause });
}
