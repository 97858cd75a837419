import { parseRetryAfterMs } from "./retry.ts";

/** What a response said about itself. A plain OpenAI-compatible server says little of it. */
export interface ResponseMeta {
  readonly requestId: string | undefined;
  readonly status: number;
  /** Which target answered, such as `targets[1]=openai/gpt-4o-mini`. */
  readonly target: string | undefined;
  readonly route: string | undefined;
  /** Calls of providers the gateway made for this answer. */
  readonly attempts: number | undefined;
  /** The version of the gateway's config that decided. */
  readonly config: string | undefined;
  readonly costUsd: number | undefined;
  readonly cache: CacheMeta;
  /** The provider's call that this request shared with others, which waited for it in one window. */
  readonly window: WindowMeta | undefined;
  /** How long ago a cached answer was made. */
  readonly ageSeconds: number | undefined;
  /** Milliseconds by phase: `auth`, `cache`, `window`, `upstream`, `total`, ... */
  readonly serverTiming: Readonly<Record<string, number>>;
  /** How soon to ask again about a job that has not ended. */
  readonly retryAfterMs: number | undefined;
  /** The answer is that of an earlier call with the same idempotency key. */
  readonly replayed: boolean;
  /** Retries that this client made before the answer. */
  readonly retries: number;
}

const TIERS = ["memory", "colo", "kv"] as const;

/** The gateway's entry of `Cache-Status` (RFC 9211). */
export interface CacheMeta {
  readonly hit: boolean;
  /** Where the hit was found. */
  readonly tier: (typeof TIERS)[number] | undefined;
  /** An identical request was in progress, and this is its answer too. */
  readonly collapsed: boolean;
  readonly stored: boolean;
  /** Why the request went on to a provider, such as `miss`, `stale` or `bypass`. */
  readonly fwd: string | undefined;
  readonly ttlSeconds: number | undefined;
}

export interface WindowMeta {
  readonly id: string;
  /** Items in the call. */
  readonly size: number | undefined;
  /** How long this request waited for the call. */
  readonly waitedMs: number | undefined;
}

/** A result with its meta, which is not enumerable: `JSON.stringify` gives the body as it was sent. */
export type WithMeta<T> = T & { readonly meta: ResponseMeta };

/** Reads the meta of a response; missing and malformed headers become undefined, false or empty. */
export function parseMeta({ status, headers }: Response, retries: number): ResponseMeta {
  const read = (name: string): string | undefined => headers.get(name) ?? undefined;
  return {
    requestId: read("x-request-id"),
    status,
    target: read("x-headrace-target"),
    route: read("x-headrace-route"),
    attempts: parseNumber(read("x-headrace-attempts")),
    config: read("x-headrace-config"),
    costUsd: parseNumber(read("x-headrace-cost-usd")),
    cache: parseCacheStatus(read("cache-status")),
    window: parseWindow(read("x-headrace-window")),
    ageSeconds: parseNumber(read("age")),
    serverTiming: parseServerTiming(read("server-timing")),
    retryAfterMs: parseRetryAfterMs(read("retry-after"), Date.now()),
    replayed: read("idempotent-replayed") === "true",
    retries,
  };
}

/**
 * Adds `meta` to a body. Where a provider sent a field of that name (Cohere's rerank does), the
 * property is ours and `JSON.stringify` still gives theirs.
 */
export function attachMeta<T extends object>(body: T, meta: ResponseMeta): WithMeta<T> {
  if ("meta" in body) {
    const wire = { ...body };
    Object.defineProperty(body, "toJSON", { value: () => wire });
  }
  return Object.defineProperty(body, "meta", { value: meta, enumerable: false }) as WithMeta<T>;
}

function parseCacheStatus(header: string | undefined): CacheMeta {
  const own = parseList(header).get("headrace");
  return {
    hit: own?.has("hit") === true,
    tier: TIERS.find((tier) => tier === own?.get("detail")),
    collapsed: own?.has("collapsed") === true,
    stored: own?.has("stored") === true,
    fwd: own?.get("fwd"),
    ttlSeconds: parseNumber(own?.get("ttl")),
  };
}

function parseWindow(header: string | undefined): WindowMeta | undefined {
  for (const [id, said] of parseList(header)) {
    return { id, size: parseNumber(said.get("size")), waitedMs: parseNumber(said.get("waited_ms")) };
  }
  return undefined;
}

function parseServerTiming(header: string | undefined): Record<string, number> {
  const durations = [...parseList(header)].map(([name, timing]) => [name, parseNumber(timing.get("dur"))]);
  return Object.fromEntries(durations.filter(([, durationMs]) => durationMs !== undefined));
}

/** A name or a quoted string, with the separator before it, and its value if it has one. */
const PART = /([,;]?)\s*("(?:\\.|[^"\\])*"|[^\s,;="]+)\s*=?\s*("(?:\\.|[^"\\])*"|[^\s,;"]*)/g;

/** `a; b; c=1, d; e="x, y"`, by name: what Cache-Status and Server-Timing have in common. */
function parseList(header = ""): Map<string, Map<string, string>> {
  const members = new Map<string, Map<string, string>>();
  let parameters = new Map<string, string>();
  for (const [, mark, name = "", value = ""] of header.matchAll(PART)) {
    if (mark === ";") parameters.set(name, value.replaceAll('"', ""));
    else members.set(name, (parameters = new Map()));
  }
  return members;
}

function parseNumber(text: string | undefined): number | undefined {
  const value = text?.trim() ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}
