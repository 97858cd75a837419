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
  /** How long ago a cached answer was made. */
  readonly ageSeconds: number | undefined;
  /** Milliseconds by phase: `auth`, `cache`, `upstream`, `total`, ... */
  readonly serverTiming: Readonly<Record<string, number>>;
  /** Retries that this client made before the answer. */
  readonly retries: number;
}

/** The gateway's entry of `Cache-Status` (RFC 9211). */
export interface CacheMeta {
  readonly hit: boolean;
  /** Where the hit was found. */
  readonly tier: "memory" | "colo" | "kv" | undefined;
  /** Another, equal request was under way, and this answer is shared with it. */
  readonly collapsed: boolean;
  readonly stored: boolean;
  /** Why the request went on to a provider, such as `miss`, `stale` or `bypass`. */
  readonly fwd: string | undefined;
  readonly ttlSeconds: number | undefined;
}

/** A result with its meta, which is not enumerable: `JSON.stringify` gives the body as it was sent. */
export type WithMeta<T> = T & { readonly meta: ResponseMeta };

/** Reads the meta of a response; missing and malformed headers become undefined, false or empty. */
export function parseMeta({ status, headers }: Response, retries: number): ResponseMeta {
  return {
    requestId: headers.get("x-request-id") ?? undefined,
    status,
    target: headers.get("x-headrace-target") ?? undefined,
    route: headers.get("x-headrace-route") ?? undefined,
    attempts: parseNumber(headers.get("x-headrace-attempts")),
    config: headers.get("x-headrace-config") ?? undefined,
    costUsd: parseNumber(headers.get("x-headrace-cost-usd")),
    cache: parseCacheStatus(headers.get("cache-status")),
    ageSeconds: parseNumber(headers.get("age")),
    serverTiming: parseServerTiming(headers.get("server-timing")),
    retries,
  };
}

/**
 * Hangs `meta` on a body. Where a provider sent a field of that name (Cohere's rerank does), the
 * property is ours and `JSON.stringify` still gives theirs.
 */
export function attachMeta<T extends object>(body: T, meta: ResponseMeta): WithMeta<T> {
  const wire = { ...body };
  const toJSON = { value: () => wire, enumerable: false };
  if ("meta" in body) Object.defineProperty(body, "toJSON", toJSON);
  return Object.defineProperty(body, "meta", { value: meta, enumerable: false }) as WithMeta<T>;
}

function parseCacheStatus(header: string | null): CacheMeta {
  const own = parseList(header).find(({ name }) => name === "headrace")?.parameters;
  const tier = own?.get("detail");
  return {
    hit: own?.has("hit") === true,
    tier: tier === "memory" || tier === "colo" || tier === "kv" ? tier : undefined,
    collapsed: own?.has("collapsed") === true,
    stored: own?.has("stored") === true,
    fwd: own?.get("fwd"),
    ttlSeconds: parseNumber(own?.get("ttl")),
  };
}

function parseServerTiming(header: string | null): Record<string, number> {
  const durations = parseList(header).map(({ name, parameters }) => [
    name,
    parseNumber(parameters.get("dur")),
  ]);
  return Object.fromEntries(durations.filter(([, durationMs]) => durationMs !== undefined));
}

interface ListMember {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** `a; b; c=1, d; e="x, y"`: what Cache-Status and Server-Timing have in common. */
function parseList(header: string | null): ListMember[] {
  return splitOutsideQuotes(header ?? "", /(?:[^,"]|"(?:\\.|[^"\\])*")+/g).map((member) => {
    const [name = "", ...parameters] = splitOutsideQuotes(member, /(?:[^;"]|"(?:\\.|[^"\\])*")+/g);
    return { name, parameters: new Map(parameters.map(parseParameter)) };
  });
}

function splitOutsideQuotes(text: string, part: RegExp): string[] {
  return (text.match(part) ?? []).map((found) => found.trim());
}

function parseParameter(text: string): [string, string] {
  const [, name = "", value = ""] = /^([^=\s]*)\s*=?\s*"?(.*?)"?$/.exec(text) ?? [];
  return [name, value];
}

function parseNumber(text: string | null | undefined): number | undefined {
  const value = Number(text ?? "");
  return (text ?? "").trim() !== "" && Number.isFinite(value) ? value : undefined;
}
