import { routeTaskOf, type Task } from "../../contract/requests.ts";
import {
  type Piece,
  type PieceGenerator,
  type Pieces,
  type PieceStep,
  resume,
  type StreamEnd,
} from "../../domain/answers/answer-body.ts";
import { type FeedStep, isLastEvent, readJobEvent, START } from "../../domain/jobs/job-events.ts";
import { readJsonObject } from "../../domain/requests/json-object.ts";
import { err, ok } from "../../domain/result.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { followJob } from "./follow-job.ts";
import type { JobServices } from "./job-services.ts";

export interface StreamFollowing {
  readonly id: string;
  readonly tenant: string;
  readonly task: Task;
  /** Milliseconds since the epoch: nobody waits any longer for something to come. */
  readonly until: number;
  readonly signal: AbortSignal;
}

/**
 * The answer of a streamed job that somebody else runs, as it comes, from its start. A run that failed
 * before its first chunk is waited past; one that fails after it has broken the stream. Undefined where
 * there is no stream to be had in the time: what is known of the job tells why.
 */
export async function followStream(
  services: JobServices,
  following: StreamFollowing,
): Promise<Pieces | undefined> {
  const pieces = readStream(services, following);
  const first: PieceStep = await pieces.next();
  return first.done === true ? undefined : resume(first, pieces);
}

/** A job's object may go away under those who follow it, but not for ever. */
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
      const end = yield* readFeed(() => feed.next(until - services.now()), reader);
      if (end) return end;
    } finally {
      signal.removeEventListener("abort", close);
      close();
    }
  }
  return BROKEN;
}

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
    if (step.kind === "quiet") return { text: "", end: BROKEN };
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

/** The dialects name their events, by what stands in them; chat's have no names, and an end of their own. */
const isNamed = (task: Task) => task !== routeTaskOf(task);
const doneOf = (task: Task) => (isNamed(task) ? "" : writeEvent("[DONE]"));

function writeChunk(task: Task, chunk: string): string {
  const type = isNamed(task) ? readJsonObject(chunk)?.["type"] : undefined;
  return writeEvent(chunk, typeof type === "string" ? type : undefined);
}
