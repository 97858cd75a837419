import type { Task } from "../../contract/requests.ts";
import type { WindowNote } from "../../domain/windows/request-window-protocol.ts";
import {
  type CacheOutcome,
  cachedTokens,
  costOf,
  type InferenceOutcome,
  savedOf,
} from "../../flows/inference/outcome.ts";
import type { RequestContext } from "../request-context.ts";
import type { Reply } from "../reply.ts";
import { streamPieces } from "./stream-body.ts";

/** The part of the request that decides the form of a streamed answer. */
interface Asked {
  readonly task?: Task;
  /** Whether the client asked to see the usage event. */
  readonly showsUsage?: boolean;
}

/** Sends an answer, whatever form it has; its headers tell where it came from and what it cost. */
export function respondOutcome(
  outcome: InferenceOutcome,
  context: RequestContext,
  { task, showsUsage = false }: Asked = {},
): Reply {
  const { body, cache } = outcome;
  const costUsd = costOf(outcome);
  const headers: Record<string, string> = {
    "x-headrace-route": outcome.route,
    "x-headrace-target": outcome.target,
    "x-headrace-attempts": String(outcome.attempts.length),
    "cache-status": writeCacheStatus(cache),
  };
  if (cache.kind === "hit") headers["age"] = String(cache.ageSeconds);
  if (costUsd !== undefined) headers["x-headrace-cost-usd"] = writeUsd(costUsd);
  if (body.form === "json") {
    const saved = savedOf(outcome, body.settlement);
    if (saved !== undefined) headers["x-headrace-saved-usd"] = writeUsd(saved);
    const cached = cachedTokens(outcome);
    if (cached !== undefined) headers["x-headrace-prompt-cache"] = String(cached);
    if (body.window) headers["x-headrace-window"] = writeWindow(body.window);
    headers["content-type"] = "application/json";
    return { status: 200, headers, body: body.bytes };
  }
  if (body.form === "raw") {
    headers["content-type"] = body.contentType;
    headers["x-content-type-options"] = "nosniff";
    return { status: 200, headers, body: body.stream };
  }
  const { requestId, defer } = context;
  headers["content-type"] = "text/event-stream; charset=utf-8";
  headers["cache-control"] = "no-store";
  return { status: 200, headers, body: streamPieces(body.pieces, { requestId, task, showsUsage, defer }) };
}

/** A structured field (RFC 9651): the call's id, how many items it had, and how long this one waited for it. */
const writeWindow = ({ id, size, waitedMs }: WindowNote) => `${id};size=${size};waited_ms=${waitedMs}`;

/** RFC 9211. The detail names the tier of a hit. */
function writeCacheStatus(cache: CacheOutcome): string {
  if (cache.kind === "hit") return `headrace; hit; ttl=${cache.ttlSeconds}; detail=${cache.tier}`;
  const { why, stored, collapsed } = cache;
  return `headrace; fwd=${why}; fwd-status=200${stored ? "; stored" : ""}${collapsed ? "; collapsed" : ""}`;
}

/** Plain decimals to a hundred-millionth of a dollar: an embedding costs some millionths. */
const writeUsd = (usd: number) => (usd === 0 ? "0" : usd.toFixed(8).replace(/\.?0+$/, ""));
