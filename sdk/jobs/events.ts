import type { Answer } from "../attempt.ts";
import { readText, release } from "../body.ts";
import type { BodyReader } from "../body.ts";
import type { Call } from "../call.ts";
import { systemClock } from "../clock.ts";
import { HeadraceError } from "../errors.ts";
import { readEvents } from "../events.ts";
import { takeEventStream } from "../response.ts";
import { retryDelayMs } from "../retry.ts";
import { send } from "../send.ts";
import { parseServerJson } from "../server-error.ts";
import { jobPath } from "./calls.ts";
import type { JobEvent } from "./types.ts";

/** A connection that was open for so long did not fail, even if it brought no event. */
const LONG_CONNECTION_MS = 10_000;
/** The gateway sends something every 15 s at least: after so long without, the connection is dead. */
const LONGEST_SILENCE_MS = 45_000;
const LAST_EVENT = /succeeded|failed|canceled|expired/;

/** How far a job's events have been followed. */
interface Progress {
  /** The id of the last event that came. */
  lastId: string | undefined;
  /** Connections in a row that failed: they were short and brought no event. */
  failures: number;
  isOver: boolean;
}

/**
 * Gives a job's events from `after` (or from the first) to its last. Connects again where a connection
 * ends before that, and goes on after the event that came last; throws `stream_broken` after more than
 * `maxRetries` connections in a row that failed.
 */
export async function* followEvents(call: Call, id: string, after?: string): AsyncGenerator<JobEvent, void> {
  const progress: Progress = { lastId: after, failures: 0, isOver: false };
  for (;;) {
    const cause = yield* readConnection(call, id, progress);
    if (progress.isOver) return;
    await pause(call, progress.failures, cause);
  }
}

/** Gives the events of one connection; returns what broke it off, if anything did. */
async function* readConnection(
  call: Call,
  id: string,
  progress: Progress,
): AsyncGenerator<JobEvent, unknown, undefined> {
  const openedAtMs = systemClock.now();
  const headers = { "last-event-id": progress.lastId };
  const reader = await send(call, { path: jobPath(id, "/events"), headers }, takeEvents);
  progress.isOver = reader === undefined;
  if (reader === undefined) return undefined;
  progress.failures += 1;
  try {
    for await (const data of readEvents(readText(reader, call.signal, LONGEST_SILENCE_MS))) {
      // Data that is no event throws here, which ends this connection.
      const event = parseServerJson(data) as JobEvent;
      progress.lastId = event.id;
      progress.failures = 0;
      progress.isOver = LAST_EVENT.test(event.type);
      yield event;
      if (progress.isOver) return undefined;
    }
    return undefined;
  } catch (error) {
    return error;
  } finally {
    release(reader);
    if (systemClock.now() - openedAtMs > LONG_CONNECTION_MS) progress.failures = 0;
  }
}

/** Undefined where there is nothing to come any more. */
function takeEvents({ response }: Answer): BodyReader | undefined {
  return response.status === 204 ? undefined : takeEventStream(response);
}

/** Waits before the next connection; throws where there have been enough of them. */
async function pause({ maxRetries, signal }: Call, failures: number, cause: unknown): Promise<void> {
  signal.throwIfAborted();
  const error = new HeadraceError("The stream broke off.", { code: "stream_broken", retryable: true, cause });
  const retry = failures <= maxRetries;
  const delayMs = retryDelayMs(failures, systemClock.random(), { ok: false, error, retry });
  if (delayMs === undefined) throw error;
  await systemClock.sleep(delayMs, signal);
}
