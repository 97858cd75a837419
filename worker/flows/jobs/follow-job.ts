import { type EventId, FOLLOW_HEADERS, type JobFeed, writeEventId } from "../../domain/jobs/job-events.ts";
import { callObject } from "../../platform/call-object.ts";
import { openJobFeed } from "../../platform/job-feed.ts";
import type { JobServices } from "./job-services.ts";

export interface Following {
  readonly id: string;
  readonly tenant: string;
  /** The last event that is known already. */
  readonly after: EventId;
}

/** Why there is nothing to follow. */
type Unfollowed =
  /** The job has ended, and all its events are known. */
  | { readonly kind: "ended" }
  | { readonly kind: "absent" }
  /** Too many follow it already. */
  | { readonly kind: "busy" };

const UNFOLLOWED: Readonly<Record<number, Unfollowed>> = {
  204: { kind: "ended" },
  404: { kind: "absent" },
  503: { kind: "busy" },
};

/** Asks a job's object for a WebSocket with its events, from the one after `after` on. */
export async function connectJob(
  services: JobServices,
  { id, tenant, after }: Following,
): Promise<{ readonly kind: "open"; readonly socket: WebSocket } | Unfollowed> {
  const headers = {
    upgrade: "websocket",
    [FOLLOW_HEADERS.tenant]: encodeURIComponent(tenant),
    [FOLLOW_HEADERS.after]: writeEventId(after),
  };
  const open = () => {
    const named = services.jobs.find(id);
    if (!named) throw new Error(`no job has the id ${id}`);
    return named;
  };
  const response = await callObject(open, (named) => named.connect(headers));
  if (response.webSocket) return { kind: "open", socket: response.webSocket };
  return UNFOLLOWED[response.status] ?? { kind: "busy" };
}

/** A job's events from the one after `after` on, for this Worker to read. */
export async function followJob(
  services: JobServices,
  following: Following,
): Promise<{ readonly kind: "open"; readonly feed: JobFeed } | Unfollowed> {
  const connected = await connectJob(services, following);
  if (connected.kind !== "open") return connected;
  const feed = openJobFeed(connected.socket, services.held.open(following.tenant));
  return { kind: "open", feed };
}
