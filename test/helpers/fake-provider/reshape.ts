import type { ContentFault, Fault } from "./protocol.ts";
import type { JsonObject, Reply } from "./reply.ts";

type Changes = {
  readonly [K in ContentFault["kind"]]: (reply: Reply, fault: Extract<ContentFault, { kind: K }>) => Reply;
};

const CHANGES: Changes = {
  "no-usage": (reply) => mapBodies(withoutEvents(reply, isUsageOnly), (body) => withoutField(body, "usage")),
  "usage-in-final-chunk": mergeUsage,
  items: (reply, { change }) => mapBodies(reply, (body) => changeItems(body, change)),
};

/** Applies a fault of content; any other leaves the reply as it is. */
export function reshape(reply: Reply, fault: Fault): Reply {
  const change = CHANGES[fault.kind as ContentFault["kind"]] as
    | ((reply: Reply, fault: Fault) => Reply)
    | undefined;
  return change?.(reply, fault) ?? reply;
}

function mapBodies(reply: Reply, change: (body: JsonObject) => JsonObject): Reply {
  if (reply.kind === "json") return { ...reply, body: change(reply.body) };
  if (reply.kind === "bytes") return reply;
  return { kind: "stream", events: reply.events.map(change) };
}

function withoutEvents(reply: Reply, drop: (event: JsonObject) => boolean): Reply {
  if (reply.kind !== "stream") return reply;
  return { kind: "stream", events: reply.events.filter((event) => !drop(event)) };
}

function withoutField(body: JsonObject, field: string): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== field));
}

/** Whether a chunk is there for its usage only. */
function isUsageOnly(event: JsonObject): boolean {
  return Array.isArray(event["choices"]) && event["choices"].length === 0;
}

function mergeUsage(reply: Reply): Reply {
  if (reply.kind !== "stream") return reply;
  const usage = reply.events.find(isUsageOnly)?.["usage"];
  const events = reply.events.filter((event) => !isUsageOnly(event));
  return {
    kind: "stream",
    events: events.map((event, index) => (index === events.length - 1 ? { ...event, usage } : event)),
  };
}

function changeItems(body: JsonObject, change: "drop-last" | "reverse" | "strip-index"): JsonObject {
  const field = Array.isArray(body["results"]) ? "results" : "data";
  const items: unknown = body[field];
  if (!Array.isArray(items)) return body;
  const changed = {
    "drop-last": () => items.slice(0, -1),
    reverse: () => items.toReversed(),
    "strip-index": () => (items as readonly JsonObject[]).map((item) => withoutField(item, "index")),
  };
  return { ...body, [field]: changed[change]() };
}
