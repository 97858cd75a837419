import { END_EVENTS } from "../../contract/jobs/job-event.ts";
import type { TimelineEvent } from "../../contract/jobs/timeline-event.ts";
import { cutEvents, readData } from "../answers/server-sent-events.ts";

/**
 * A job's events as subscribers get them: its timeline, and after each start the chunks of a streamed answer.
 * Their ids depend only on the job, so that a subscriber who comes late or reconnects gets the same events
 * under the same ids. Pure.
 */

/** `seq` is the timeline's number; `part` is 0 for its own event and counts the chunks that follow it. */
export interface EventId {
  readonly seq: number;
  readonly part: number;
}

/** Before the first event. */
export const START: EventId = { seq: 0, part: 0 };

const ID = /^(0|[1-9]\d{0,8})-(0|[1-9]\d{0,8})$/;

/** Takes `<seq>-<part>`; undefined for anything but the one spelling that `writeEventId` gives. */
export function parseEventId(text: string): EventId | undefined {
  const found = ID.exec(text);
  return found ? { seq: Number(found[1]), part: Number(found[2]) } : undefined;
}

export const writeEventId = ({ seq, part }: EventId): string => `${seq}-${part}`;

const isAfter = (a: EventId, b: EventId): boolean => a.seq > b.seq || (a.seq === b.seq && a.part > b.part);

/** What has happened to a job so far. */
export interface JobHistory {
  readonly job: string;
  readonly timeline: readonly TimelineEvent[];
  /** The chunks of the newest run's answer, each a JSON text on one line; asked for only where needed. */
  readonly chunks: () => readonly string[];
}

export interface WrittenEvent {
  readonly id: EventId;
  /** JSON, as it goes to subscribers. */
  readonly text: string;
}

/** The events after an id, oldest first. */
export function* writeEventsAfter(history: JobHistory, after: EventId): Generator<WrittenEvent> {
  const { job, timeline } = history;
  const streaming = timeline.findLast(({ type }) => type === "job.started")?.seq;
  for (const event of timeline) {
    const id = { seq: event.seq, part: 0 };
    if (isAfter(id, after)) yield { id, text: writeTimelineEvent(job, id, event) };
    if (event.seq === streaming && event.seq >= after.seq) yield* writeChunksAfter(history, id, after);
  }
}

function* writeChunksAfter(
  { job, chunks }: JobHistory,
  { seq }: EventId,
  after: EventId,
): Generator<WrittenEvent> {
  const all = chunks();
  for (let at = after.seq === seq ? after.part : 0; at < all.length; at++) {
    const id = { seq, part: at + 1 };
    // Not stringified: the chunk is JSON already.
    const head = JSON.stringify({ id: writeEventId(id), type: OUTPUT, job }).slice(0, -1);
    yield { id, text: `${head},"output":${all[at] ?? "null"}}` };
  }
}

function writeTimelineEvent(job: string, id: EventId, event: TimelineEvent): string {
  const { type, at, epoch, retryAt, error } = event;
  return JSON.stringify({
    id: writeEventId(id),
    type,
    job,
    at: new Date(at).toISOString(),
    ...(epoch === undefined ? {} : { run: epoch }),
    ...(retryAt === undefined ? {} : { retry_at: new Date(retryAt).toISOString() }),
    ...(error === undefined ? {} : { error }),
  });
}

const OUTPUT = "job.output";
const HEAD = /^\{"id":"(\d+-\d+)","type":"([a-z._]+)"/;

/** The parts of a written event that are needed to pass it on. */
export interface ReadEvent {
  readonly id: EventId;
  readonly type: string;
  /** The chunk, of an event that carries one: JSON on one line. */
  readonly chunk: string | undefined;
}

/** Reads an event's text without parsing it; undefined for what no job's object wrote. */
export function readJobEvent(text: string): ReadEvent | undefined {
  const [, written = "", type = ""] = HEAD.exec(text) ?? [];
  const id = parseEventId(written);
  if (!id) return undefined;
  const chunk = type === OUTPUT ? text.slice(text.indexOf(',"output":') + 10, -1) : undefined;
  return { id, type, chunk };
}

/** The events of which nothing follows. */
export const isLastEvent = (type: string): boolean => END_EVENTS.some((end) => end === type);

/** An event's text as a server-sent event. */
export function frameJobEvent(text: string): string {
  const event = readJobEvent(text);
  if (!event) return `data: ${text}\n\n`;
  return `id: ${writeEventId(event.id)}\nevent: ${event.type}\ndata: ${text}\n\n`;
}

const decoder = new TextDecoder();

/**
 * The chunks in bytes of a stream that has whole events: the data of each event, as JSON on one line, without
 * comments and `[DONE]`. So the parts of a stream give the same chunks, in order, as the whole.
 */
export function readChunks(bytes: Uint8Array): string[] {
  // A last event that lacks its blank line counts.
  return cutEvents(`${decoder.decode(bytes)}\n\n`).events.flatMap((event) => {
    const data = readData(event);
    return data === undefined || data.trim() === DONE ? [] : [writeChunk(data)];
  });
}

const DONE = "[DONE]";
const LINE_BREAKS = /[\r\n]+/g;

/** Puts JSON on one line: line breaks can only be between its tokens, where a space means the same. */
function writeChunk(data: string): string {
  try {
    JSON.parse(data);
    return data.replaceAll(LINE_BREAKS, " ").trim();
  } catch {
    return JSON.stringify(data);
  }
}

/** The headers that tell a job's object which tenant wants to follow it, and after which event; URI-encoded. */
export const FOLLOW_HEADERS = { tenant: "x-headrace-tenant", after: "x-headrace-after" } as const;

/** What a feed gives next: new events, or that none came in the given time, or its end. */
export type FeedStep =
  | { readonly kind: "events"; readonly texts: readonly string[] }
  | { readonly kind: "quiet" }
  /** `whole`: no more events will come; else the feed can be opened again after its last event. */
  | { readonly kind: "end"; readonly whole: boolean };

/** A job's events as they come. */
export interface JobFeed {
  next(waitMs: number): Promise<FeedStep>;
  /** Ends the feed for its source, too. */
  close(): void;
}
