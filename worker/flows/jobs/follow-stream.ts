import { routeTaskOf, type Task } from "../../contract/requests.ts";
import {
  type Piece,
  type PieceGenerator,
  type Pieces,
  type PieceStep,
  resume,
  type StreamEnd,
} from "../../domain/answers/answer-body.ts";
import {
  type FeedStep,
  isLastEvent,
  type JobFeed,
  readJobEvent,
  START,
} from "../../domain/jobs/job-events.ts";
import { readJsonObject } from "../../domain/requests/json-object.ts";
import { err, ok } from "../../domain/result.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { followJob } from "./follow-job.ts";
import type { JobServices } from "./job-services.ts";

export interface StreamFollowing {
  readonly id: string;
  readonly tenant: string;
  readonly task: Task;
  /** How long to wait for its end, in milliseconds since the epoch. */
  readonly until: number;
  readonly signal: AbortSignal;
}

/**
 * The streamed answer of a job that another request or the queue runs, as it comes, from its start. Where a run
 * fails before its first chunk, the next run is waited for; where it fails later, the stream is broken.
 * Undefined where no stream begins in the given time; the job's document tells why.
 */
export async function followStream(
  services: JobServices,
  following: StreamFollowing,
): Promise<Pieces | undefined> {
  const pieces = readStream(services, following);
  const first: PieceStep = await pieces.next();
  return first.done === true ? undefined : resume(first, pieces);
}

/** A job's object may be restarted while it is followed: the feed is then opened again, this often at most. */
const MAX_FEEDS = 20;

async function* readStream(services: JobServices, following: StreamFollowing): PieceGenerator {
  const { id, tenant, task, until, signal } = following;
  const reader = new ChunkReader(task);
  for (let feeds = 0; feeds < MAX_FEEDS && !signal.aborted; feeds++) {
    const followed = await followJob(services, { id, tenant, after: reader.after });
    if (followed.kind !== "open") return BROKEN;
    const { feed } = followed;
    const close = () => feed.close();
    signal.addEventListener("abort", close);
    try {
      const leftMs = () => until - services.now();
      const end = yield* readFeed(() => nextStep(feed, leftMs()), reader);
      if (end) return end;
    } finally {
      signal.removeEventListener("abort", close);
      close();
    }
  }
  return BROKEN;
}

/** What comes next, or that the time is up, even where more has come already. */
const nextStep = (feed: JobFeed, leftMs: number): Promise<FeedStep> =>
  leftMs > 0 ? feed.next(leftMs) : Promise.resolve({ kind: "quiet" });

/** The stream as far as one feed goes; its end, where that is reached. */
async function* readFeed(
  next: () => Promise<FeedStep>,
  reader: ChunkReader,
): AsyncGenerator<Piece, StreamEnd | undefined> {
  for (let step = await next(); step.kind !== "end"; step = await next()) {
    const { text, end } = reader.read(step);
    if (text !== "") yield { bytes: encoder.encode(text), usageOnly: false, deltas: 0 };
    if (end) return end;
  }
  return undefined;
}

const encoder = new TextEncoder();
const LATE: StreamEnd = err({ code: "deadline_exceeded" });
const BROKEN: StreamEnd = err({ code: "upstream_error", reason: "the run that was followed" });

/** Turns a job's events back into the stream that they came from. */
class ChunkReader {
  readonly #task: Task;
  #begun = false;
  after = START;

  constructor(task: Task) {
    this.#task = task;
  }

  read(step: Exclude<FeedStep, { kind: "end" }>): { text: string; end?: StreamEnd } {
    if (step.kind === "quiet") return { text: "", end: LATE };
    let text = "";
    for (const event of step.texts.map(readJobEvent)) {
      if (!event) continue;
      this.after = event.id;
      if (event.chunk !== undefined) {
        this.#begun = true;
        text += writeChunk(this.#task, event.chunk);
      } else if (event.type === "job.succeeded") return { text: text + doneOf(this.#task), end: ok(null) };
      else if (isLastEvent(event.type) || this.#begun) return { text, end: BROKEN };
    }
    return { text };
  }
}

/**
 * The dialects name their events after the `type` in them. Chat's events have no names, and end with [DONE].
 */
const isNamed = (task: Task) => task !== routeTaskOf(task);
const doneOf = (task: Task) => (isNamed(task) ? "" : writeEvent("[DONE]"));

function writeChunk(task: Task, chunk: string): string {
  const type = isNamed(task) ? readJsonObject(chunk)?.["type"] : undefined;
  return writeEvent(chunk, typeof type === "string" ? type : undefined);
}
