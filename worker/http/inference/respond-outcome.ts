import type { Task } from "../../contract/requests.ts";
import type { WindowNote } from "../../domain/windows/request-window-protocol.ts";
import { type CacheOutcome, costOf, type InferenceOutcome } from "../../flows/inference/outcome.ts";
import type { RequestContext } from "../request-context.ts";
import { respondJson } from "../respond.ts";
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
): Response {
  const { body, cache } = outcome;
  const costUsd = costOf(outcome);
  const headers: Record<string, string> = {
    "x-headrace-route": outcome.route,
    "x-headrace-target": outcome.target,
    "x-headrace-attempts": String(outcome.attempts.length),
    "cache-status": writeCacheStatus(cache),
    ...(cache.kind === "hit" ? { age: String(cache.ageSeconds) } : {}),
    ...(costUsd === undefined ? {} : { "x-headrace-cost-usd": writeUsd(costUsd) }),
  };
  if (body.form === "json") return respondJson(body.bytes, { ...headers, ...describeWindow(body.window) });
  if (body.form === "raw") {
    return new Response(body.stream, {
      headers: { ...headers, "content-type": body.contentType, "x-content-type-options": "nosniff" },
    });
  }
  const { requestId, defer } = context;
  return new Response(streamPieces(body.pieces, { requestId, task, showsUsage, defer }), {
    headers: { ...headers, "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" },
  });
}

/** A structured field (RFC 9651): the call's id, how many items it had, and how long this one waited for it. */
function describeWindow(note: WindowNote | undefined): Record<string, string> {
  return note ? { "x-headrace-window": `${note.id};size=${note.size};waited_ms=${note.waitedMs}` } : {};
}

/** RFC 9211. The detail names the tier of a hit. */
function writeCacheStatus(cache: CacheOutcome): string {
  if (cache.kind === "hit") return `headrace; hit; ttl=${cache.ttlSeconds}; detail=${cache.tier}`;
  const { why, stored, collapsed } = cache;
  return `headrace; fwd=${why}; fwd-status=200${stored ? "; stored" : ""}${collapsed ? "; collapsed" : ""}`;
}

/** Plain decimals to a hundred-millionth of a dollar: an embedding costs some millionths. */
const writeUsd = (usd: number) => usd.toFixed(8).replace(/\.?0+$/, "");
