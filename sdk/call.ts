import { runAttempt } from "./attempt.ts";
import type { PreparedRequest, ReadResponse } from "./attempt.ts";
import { systemClock } from "./clock.ts";
import { abortedError, startLimit } from "./limit.ts";
import type { Limit } from "./limit.ts";
import { attachMeta, parseMeta } from "./meta.ts";
import type { WithMeta } from "./meta.ts";
import { checkCallOptions } from "./options.ts";
import type { CallOptions, Settings } from "./options.ts";
import { readJson, takeEventStream } from "./response.ts";
import { withRetries } from "./retry.ts";
import { ChatStream } from "./stream.ts";

/** What a method of the client asks for. */
export interface CallSpec {
  /** Below `/v1`, such as `/embeddings`. */
  readonly path: string;
  /** Posted as JSON; a call without it is a GET. */
  readonly params?: object;
  readonly options: CallOptions;
}

/** Makes a call whose answer is a JSON object with an array under `listKey`. */
export async function callJson<T extends object>(
  settings: Settings,
  spec: CallSpec,
  listKey: keyof T & string,
): Promise<WithMeta<T>> {
  const limit = startCallLimit(settings, spec.options);
  try {
    return await run(settings, spec, limit, (retries) => async (response) => {
      const body = await readJson<T>(response, listKey);
      return attachMeta(body, parseMeta(response, retries));
    });
  } finally {
    limit.end();
  }
}

/** Makes a call whose answer is a stream; the call's limit goes on until the stream has ended. */
export async function callStream(settings: Settings, spec: CallSpec): Promise<ChatStream> {
  const limit = startCallLimit(settings, spec.options);
  try {
    return await run(settings, spec, limit, (retries) => (response, redact) => {
      const body = takeEventStream(response);
      return new ChatStream({ body, meta: parseMeta(response, retries), limit, redact });
    });
  } catch (error) {
    limit.end();
    throw error;
  }
}

function startCallLimit(settings: Settings, options: CallOptions): Limit {
  checkCallOptions(options);
  return startLimit(options.timeoutMs ?? settings.timeoutMs, options.signal, abortedError);
}

function run<T>(
  settings: Settings,
  spec: CallSpec,
  { signal }: Limit,
  reader: (retries: number) => ReadResponse<T>,
): Promise<T> {
  const request = prepareRequest(settings, spec, signal);
  const policy = {
    maxRetries: spec.options.maxRetries ?? settings.maxRetries,
    deadlineMs: systemClock.now() + (spec.options.timeoutMs ?? settings.timeoutMs),
    signal,
  };
  return withRetries(policy, (retries) => runAttempt(request, reader(retries)), systemClock);
}

function prepareRequest(settings: Settings, spec: CallSpec, signal: AbortSignal): PreparedRequest {
  const { path, params, options } = spec;
  return {
    url: `${settings.baseURL}/v1${path}`,
    headers: buildHeaders(settings, options, params !== undefined),
    body: params === undefined ? undefined : JSON.stringify(params),
    credential: settings.credential,
    fetch: settings.fetch,
    attemptTimeoutMs: options.attemptTimeoutMs ?? settings.attemptTimeoutMs,
    signal,
  };
}

function buildHeaders(settings: Settings, options: CallOptions, hasBody: boolean): Record<string, string> {
  const own = {
    "content-type": hasBody ? "application/json" : undefined,
    "cache-control": options.cache,
    "x-headrace-metadata": options.metadata && asciiJson(options.metadata),
    "idempotency-key": options.idempotencyKey,
  };
  const headers: Record<string, string> = {};
  for (const source of [settings.headers, options.headers ?? {}, own]) {
    for (const [name, value] of Object.entries(source)) {
      if (value !== undefined) headers[name.toLowerCase()] = value;
    }
  }
  return headers;
}

/** JSON that a header can carry: what is not ASCII is escaped. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
