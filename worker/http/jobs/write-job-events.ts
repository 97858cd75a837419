import { frameJobEvent, type JobFeed } from "../../domain/jobs/job-events.ts";

/** Sent while nothing happens: it keeps the connection open, and fails when the client has left. */
const HEARTBEAT = ": heartbeat\n\n";
export const HEARTBEAT_MS = 15_000;
/** Tells a client to reconnect after a second when its connection ends before the last event. */
const HEAD = "retry: 1000\n\n";

export interface Watch {
  readonly now: () => number;
  /** When the connection ends, in milliseconds since the epoch; its client resumes. */
  readonly until: number;
}

/** Writes a feed as an event stream, as it comes, to its end or until the connection's time is up. */
export async function* writeJobEvents(feed: JobFeed, { now, until }: Watch): AsyncGenerator<string> {
  yield HEAD;
  while (now() < until) {
    const step = await feed.next(Math.min(HEARTBEAT_MS, until - now()));
    if (step.kind === "end") return;
    yield step.kind === "quiet" ? HEARTBEAT : step.texts.map(frameJobEvent).join("");
  }
}
