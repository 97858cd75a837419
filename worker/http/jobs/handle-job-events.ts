import type { GatewayError } from "../../contract/errors.ts";
import { type EventId, parseEventId, START } from "../../domain/jobs/job-events.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { connectJob, followJob, type Following } from "../../flows/jobs/follow-job.ts";
import { type Asked, handleJob, NO_SUCH_JOB } from "./handle-job.ts";
import { streamJobEvents } from "./stream-job-events.ts";
import type { Reply } from "../reply.ts";

/** How long one connection lasts; then its client resumes after the last event that it got. */
const CONNECTION_MS = 10 * 60_000;
/** The version of the WebSocket's protocol; a browser sends its key beside it in the same header. */
const PROTOCOL = "headrace.v1";
const BUSY = err({ code: "overloaded" } as const);

/** A job's events, from its first or from where the client was: a WebSocket where asked for, else SSE. */
export const handleJobEvents = handleJob(async (asked) => {
  const after = readAfter(asked.request);
  if (!after.ok) return after;
  const following = { id: asked.id, tenant: asked.call.caller.tenant, after: after.value };
  const upgrades = asked.headers.get("upgrade")?.toLowerCase() === "websocket";
  return upgrades ? openSocket(asked, following) : openStream(asked, following);
});

async function openStream(
  { call, context, gateway }: Asked,
  following: Following,
): Promise<Result<Reply, GatewayError>> {
  const followed = await followJob(gateway.services, following);
  if (followed.kind === "absent") return NO_SUCH_JOB;
  if (followed.kind === "busy") return BUSY;
  // What tells an EventSource not to come back.
  if (followed.kind === "ended") return ok({ status: 204, headers: {}, body: null });
  const { feed } = followed;
  call.signal.addEventListener("abort", () => feed.close());
  const { now, defer } = context;
  const watch = { now, until: Math.min(call.deadline.at, now() + CONNECTION_MS) };
  return ok({
    status: 200,
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" },
    body: streamJobEvents(feed, watch, defer),
  });
}

/** Hands the object's own WebSocket to the client: its messages do not pass through this Worker. */
async function openSocket(
  { headers, gateway }: Asked,
  following: Following,
): Promise<Result<Reply, GatewayError>> {
  const connected = await connectJob(gateway.services, following);
  if (connected.kind === "absent") return NO_SUCH_JOB;
  if (connected.kind === "busy") return BUSY;
  const webSocket = connected.kind === "open" ? connected.socket : openEnded();
  const offered =
    headers
      .get("sec-websocket-protocol")
      ?.split(",")
      .map((name) => name.trim()) ?? [];
  const selected: Reply["headers"] = offered.includes(PROTOCOL) ? { "sec-websocket-protocol": PROTOCOL } : {};
  return ok({ status: 101, headers: selected, body: null, webSocket });
}

/**
 * For a client that has all events already. It is accepted and closed, for a browser shows nothing of a
 * refusal.
 */
function openEnded(): WebSocket {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(1000);
  return client;
}

/**
 * The last event that the client got. A browser that reconnects sends it as a header, which counts before the
 * URL.
 */
function readAfter(request: Request): Result<EventId, GatewayError> {
  const header = request.headers.get("last-event-id") ?? "";
  const [param, given] =
    header === ""
      ? ["after", new URL(request.url).searchParams.get("after") ?? ""]
      : ["Last-Event-ID", header];
  if (given === "") return ok(START);
  const after = parseEventId(given);
  if (after) return ok(after);
  return err({ code: "invalid_request", param, message: `${param}: expected the id of an event, as 2-0.` });
}
