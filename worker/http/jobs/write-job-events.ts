import { frameJobEvent, type JobFeed } from "../../domain/jobs/job-events.ts";

/** What is sent while nothing happens: it keeps the connection, and shows when its client has left. */
const HEARTBEAT = ": heartbeat\n\n";
export const HEARTBEAT_MS = 15_000;
/** How soon a client comes back when its connection ends before the last event. */
const HEAD = "retry: 1000\n\n";

export interface Watch {
  readonly now: () => number;
  /** When the connection ends, in milliseconds since the epoch; its client resumes. */
  readonly until: number;
}

/** Writes a feed as an event stream, parts as they come, to its end or to the watch's. */
export async function* writeJobEvents(feed: JobFeed, { now, until }: Watch): AsyncGenerator<string> {
  yield HEAD;
  while (now() < until) {
    const step = await feed.next(Math.min(HEARTBEAT_MS, until - now()));
    if (step.kind === "end") return;
    yield step.kind === "quiet" ? HEARTBEAT : step.texts.map(frameJobEvent).join("");
  }
}
