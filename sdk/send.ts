import { runAttempt } from "./attempt.ts";
import type { PreparedRequest, ReadAnswer } from "./attempt.ts";
import type { Call } from "./call.ts";
import { systemClock } from "./clock.ts";
import { attachMeta, parseMeta } from "./meta.ts";
import type { WithMeta } from "./meta.ts";
import { readJson } from "./response.ts";
import { waitForRetry, withRetries } from "./retry.ts";
import type { HeadraceError } from "./errors.ts";

/** A request of a call. */
export interface RequestSpec {
  /** POST where there are `params`, else GET, unless said. */
  readonly method?: "POST" | "DELETE" | undefined;
  /** Below `/v1`, such as `/embeddings`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly params?: object | undefined;
  /** Override the headers that the options give. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Sends a request as often as it takes; `read` makes the result of a 2xx. */
export async function send<T>(call: Call, spec: RequestSpec, read: ReadAnswer<T>): Promise<T> {
  const request = prepareRequest(call, spec);
  return withRetries(call, (retries) => runAttempt(call, { ...request, retries }, read), systemClock);
}

/**
 * Sends a request again whose answer broke off with `error` after so many retries, which count among those of
 * the call; throws the error where no more are to be made.
 */
export async function sendAgain<T>(
  call: Call,
  spec: RequestSpec,
  read: ReadAnswer<T>,
  { error, retries: before }: { readonly error: HeadraceError; readonly retries: number },
): Promise<T> {
  const request = prepareRequest(call, spec);
  await waitForRetry(call, before, { ok: false, error, retry: error.retryable }, systemClock);
  const policy = { ...call, maxRetries: call.maxRetries - before - 1 };
  const attempt = (more: number) => runAttempt(call, { ...request, retries: before + 1 + more }, read);
  return withRetries(policy, attempt, systemClock);
}

/** Sends a request whose answer is a JSON object, with an array under `listKey` if that is given. */
export function sendForJson<T extends object>(
  call: Call,
  spec: RequestSpec,
  listKey?: keyof T & string,
): Promise<WithMeta<T>> {
  return send(call, spec, async ({ response, retries }) =>
    attachMeta(await readJson<T>(response, listKey), parseMeta(response, retries)),
  );
}

function prepareRequest({ settings, options }: Call, spec: RequestSpec): PreparedRequest {
  const { path, params, method = params ? "POST" : "GET" } = spec;
  const headers = new Headers(settings.headers);
  const own = {
    ...options.headers,
    "content-type": params && "application/json",
    "cache-control": options.cache,
    "x-headrace-metadata": options.metadata && asciiJson(options.metadata),
    "idempotency-key": method === "POST" ? options.idempotencyKey : undefined,
    ...spec.headers,
  };
  for (const [name, value] of Object.entries(own)) if (value !== undefined) headers.set(name, value);
  return {
    url: `${settings.baseURL}/v1${path}`,
    init: { method, headers, body: params ? JSON.stringify(params) : null },
    // Nobody knows what a POST has done whose answer was lost. With a key, the server recognises the repeat.
    isRepeatable: method !== "POST" || headers.has("idempotency-key"),
  };
}

/** JSON that a header can carry: what is not ASCII is escaped. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
