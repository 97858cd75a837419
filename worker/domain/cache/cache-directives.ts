import type { CacheConfig } from "../../contract/config/config.ts";
import type { Task } from "../../contract/requests.ts";

/** The request directives of RFC 9111, section 5.2.1; durations in seconds. */
export interface CacheDirectives {
  readonly noStore: boolean;
  readonly noCache: boolean;
  readonly onlyIfCached: boolean;
  readonly maxAge: number | undefined;
  readonly minFresh: number | undefined;
  /** Infinity where the client takes any staleness. */
  readonly maxStale: number | undefined;
}

export const NO_DIRECTIVES: CacheDirectives = {
  noStore: false,
  noCache: false,
  onlyIfCached: false,
  maxAge: undefined,
  minFresh: undefined,
  maxStale: undefined,
};

/** Reads a Cache-Control request header. A directive that cannot be read is ignored, the others are not. */
export function parseCacheControl(header: string | null): CacheDirectives {
  const fields = new Map((header ?? "").toLowerCase().split(",").map(readDirective));
  const seconds = (name: string) => {
    const value = fields.get(name) ?? "";
    return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  };
  return {
    noStore: fields.has("no-store"),
    noCache: fields.has("no-cache"),
    onlyIfCached: fields.has("only-if-cached"),
    maxAge: seconds("max-age"),
    minFresh: seconds("min-fresh"),
    maxStale: fields.get("max-stale") === "" ? Infinity : seconds("max-stale"),
  };
}

function readDirective(text: string): [name: string, value: string] {
  const [name = "", ...value] = text.split("=");
  return [name.trim(), value.join("=").trim()];
}

const ALWAYS: ReadonlySet<Task> = new Set(["embeddings", "rerank", "classify", "moderations"]);
const UNREAD: ReadonlySet<Task> = new Set(["images", "speech"]);

/** What the cache may do for one request. */
export interface CachePolicy {
  /** Answers may be kept, and identical requests may share one call. */
  readonly store: boolean;
  readonly lookup: boolean;
}

/**
 * Array tasks are always cacheable; chat and its dialects where they ask for temperature 0 (so that a
 * repeat means the same), at another only where the request itself asks for the cache; bytes that are
 * passed on unread never, nor an answer that only says what is to come (`background` of the Responses API).
 */
export function decideCachePolicy(
  task: Task,
  body: Readonly<Record<string, unknown>>,
  cache: CacheConfig | false,
  directives: CacheDirectives,
): CachePolicy {
  const repeatable = ALWAYS.has(task) || body["temperature"] === 0 || asksForCache(directives);
  const isAnswer = !UNREAD.has(task) && body["background"] !== true;
  const store = isAnswer && cache !== false && !directives.noStore && repeatable;
  return { store, lookup: store && !directives.noCache };
}

const asksForCache = (directives: CacheDirectives) =>
  directives.onlyIfCached ||
  [directives.maxAge, directives.minFresh, directives.maxStale].some((seconds) => seconds !== undefined);
