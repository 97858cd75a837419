import type { HeadraceError } from "./errors.ts";

/** The part of `fetch` the client uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A short-lived browser token, or a function that gets one, which is called before every attempt. */
export type TokenSource = string | (() => string | Promise<string>);

interface Limits {
  /** Retries after the first attempt; 2 unless said. */
  readonly maxRetries?: number | undefined;
  /** The whole call, retries and reading included (a stream to its end); 60,000 unless said. */
  readonly timeoutMs?: number | undefined;
  /** Each attempt (of a stream: until it begins); unlimited unless said. */
  readonly attemptTimeoutMs?: number | undefined;
  /** Sent with every request; the client's own headers win over these. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Exactly one of `apiKey` (servers) and `token` (browsers: a page must not hold an API key). */
export type Credential =
  | { readonly apiKey: string; readonly token?: never }
  | { readonly token: TokenSource; readonly apiKey?: never };

export type HeadraceOptions = Limits &
  Credential & {
    /** Where the gateway is, with or without `/v1` at the end. */
    readonly baseURL: string;
    /** The runtime's own unless said. */
    readonly fetch?: Fetch | undefined;
  };

/** What a stream's reader is told when the stream begins anew. */
export interface StreamRestart {
  /** How often it has now; 1 the first time. */
  readonly restarts: number;
  /** Why it broke off. */
  readonly error: HeadraceError;
}

/** Options of one call. Its limits and headers override the client's. */
export interface CallOptions extends Limits {
  /**
   * What becomes of a stream that breaks after some of it came: its reader gets the error, or the request is sent
   * again, within `maxRetries` and `timeoutMs`, and what was read is void, as `onRestart` is told. Only where a
   * repeat can help: never for what the caller has done wrong. The provider may bill both; `idempotencyKey` has
   * the gateway do the work once. "throw" unless said.
   */
  readonly onBreak?: "throw" | "restart" | undefined;
  /** Called before the first chunk of an answer that replaces what was read so far; goes with "restart". */
  readonly onRestart?: ((restart: StreamRestart) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** A request `Cache-Control` (RFC 9111), such as "no-store", "max-age=60" or "only-if-cached". */
  readonly cache?: string | undefined;
  /** Attached to the usage record; at most 16 pairs. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Sent as `Idempotency-Key` with every attempt. */
  readonly idempotencyKey?: string | undefined;
}

const PRINTABLE = "must be printable ASCII";

/** A client's options after the check, with what was left out filled in. */
export interface Settings {
  readonly baseURL: string;
  readonly credential: TokenSource;
  readonly fetch: Fetch;
  readonly maxRetries: number;
  readonly timeoutMs: number;
  readonly attemptTimeoutMs: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** Checks a client's options, and fills in the rest; throws a TypeError that names the one at fault. */
export function parseOptions(options: HeadraceOptions): Settings {
  checkLimits(options);
  const send = options.fetch ?? ((url, init) => fetch(url, init));
  check(typeof send === "function", "fetch", "must be a function");
  return {
    baseURL: parseBaseURL(options.baseURL),
    credential: parseCredential(options),
    // Browsers refuse a `fetch` whose `this` is not the window: it is called as a plain function.
    fetch: async (url, init) => send(url, init),
    maxRetries: options.maxRetries ?? 2,
    timeoutMs: options.timeoutMs ?? 60_000,
    attemptTimeoutMs: options.attemptTimeoutMs,
    headers: { ...options.headers },
  };
}

/** The options of a call that makes many requests in turn: each has a timeout, the call itself only if it says so. */
export function withoutEnd(settings: Settings, options: CallOptions = {}): CallOptions {
  const { timeoutMs = Infinity, attemptTimeoutMs = settings.attemptTimeoutMs } = options;
  const limitMs = Math.min(settings.timeoutMs, timeoutMs);
  return { ...options, timeoutMs, attemptTimeoutMs: attemptTimeoutMs ?? limitMs };
}

/** Checks a call's options; throws a TypeError that names the one at fault. */
export function checkCallOptions(options: CallOptions): void {
  checkLimits(options);
  const { onBreak = "throw", onRestart } = options;
  check(onBreak === "throw" || onBreak === "restart", "onBreak", 'must be "throw" or "restart"');
  const isTold = typeof onRestart === "function" || (onBreak === "throw" && onRestart === undefined);
  check(isTold, "onRestart", 'must be a function, and given with onBreak: "restart"');
  check(isHeaderText(options.cache ?? ""), "cache", PRINTABLE);
  check(isHeaderText(options.idempotencyKey ?? ""), "idempotencyKey", PRINTABLE);
}

function checkLimits({ maxRetries = 0, timeoutMs = 1, attemptTimeoutMs = 1, headers }: Limits): void {
  check(Number.isInteger(maxRetries) && maxRetries >= 0, "maxRetries", "must be a whole number, 0 or more");
  check(timeoutMs > 0, "timeoutMs", "must be above 0");
  check(attemptTimeoutMs > 0, "attemptTimeoutMs", "must be above 0");
  for (const [name, value] of Object.entries(headers ?? {})) {
    check(/^[\w!#$%&'*+.^`|~-]+$/.test(name), "headers", "holds a name that no header can have");
    check(isHeaderText(value), `headers.${name}`, PRINTABLE);
  }
}

/** Whether a header can carry the secret. The text itself must not get into an error. */
export function isHeaderSafe(secret: unknown): secret is string {
  return typeof secret === "string" && /^[\x21-\x7e]+$/.test(secret);
}

function isHeaderText(value: unknown): boolean {
  return typeof value === "string" && /^[\t\x20-\x7e]*$/.test(value);
}

function parseBaseURL(value: string): string {
  const rule = 'must be an http(s) URL without credentials or query, such as "https://ai.example"';
  check(/^https?:\/\/[^?#@\s]+$/i.test(value) && isURL(value), "baseURL", rule);
  return value.replace(/(\/v1)?\/*$/, "");
}

function isURL(value: string): boolean {
  try {
    return new URL(value).host !== "";
  } catch {
    return false;
  }
}

function parseCredential({ apiKey, token }: Credential): TokenSource {
  const [name, credential] = apiKey === undefined ? ["token", token] : ["apiKey", apiKey];
  const isOne = (apiKey === undefined) !== (token === undefined);
  check(isOne, "apiKey", 'or "token" must be given, and only one of them');
  if (typeof credential === "function" && name === "token") return credential;
  check(isHeaderSafe(credential), name, "must be printable ASCII, without spaces");
  return credential;
}

function check(condition: boolean, option: string, rule: string): asserts condition {
  if (!condition) throw new TypeError(`Headrace: the option "${option}" ${rule}.`);
}
