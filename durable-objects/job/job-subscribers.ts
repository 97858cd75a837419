import { isEnded } from "../../worker/contract/jobs/job-status.ts";
import {
  type EventId,
  FOLLOW_HEADERS,
  type JobHistory,
  parseEventId,
  readChunks,
  START,
  writeEventId,
  writeEventsAfter,
} from "../../worker/domain/jobs/job-events.ts";
import type { AppendReply } from "../../worker/domain/jobs/job-protocol.ts";
import type { JobState } from "./job-record.ts";

/** As much of the object's platform as its subscribers need: WebSockets that outlive its memory. */
type SocketHost = Pick<DurableObjectState, "acceptWebSocket" | "getWebSockets" | "setWebSocketAutoResponse">;

/** What they follow, as far as its state does not tell. */
interface SubscribedJob {
  /** The wire's id. */
  readonly id: string;
  readonly readOutput: () => Uint8Array | undefined;
  /** Hears why a subscriber could not be told. */
  readonly onFailure: (error: unknown) => void;
}

/** Chunks of a run's answer, as the holder of its lease sends them. */
interface LiveChunks {
  readonly epoch: number;
  readonly chunks: string[];
  sizeChars: number;
}

/** Of an object's share of an isolate's 128 MB. */
const MAX_LIVE_CHARS = 8 * 1024 * 1024;
/** The platform takes 32,768; but each is written to with every chunk. */
const MAX_SUBSCRIBERS = 1000;
const ENDED = 1000;

/**
 * Those who follow a job. Each one's WebSocket remembers the last event it was sent, so that it goes on
 * where it was when the object has been out of memory meanwhile. The chunks of a running answer are in
 * memory only: its runner has them all, and the outcome will hold them.
 */
export class JobSubscribers {
  readonly #host: SocketHost;
  readonly #about: SubscribedJob;
  #live: LiveChunks | undefined;

  constructor(host: SocketHost, about: SubscribedJob) {
    this.#host = host;
    this.#about = about;
  }

  /**
   * Takes a subscriber, and sends all that came after the event it names: 101; 204 where nothing did and
   * nothing will, 503 where there are too many already.
   */
  connect(state: JobState, headers: Headers): Response {
    const after = parseEventId(headers.get(FOLLOW_HEADERS.after) ?? "") ?? START;
    const history = this.#recall(state);
    if (isEnded(state) && writeEventsAfter(history, after).next().done === true) return reply(204);
    if (this.#open().length >= MAX_SUBSCRIBERS) return reply(503);
    const { 0: client, 1: server } = new WebSocketPair();
    this.#host.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    this.#host.acceptWebSocket(server);
    server.serializeAttachment(writeEventId(after));
    this.#tell(server, history, isEnded(state));
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Tells everybody what is new; after the last event there is nobody left. Never throws. */
  publish(state: JobState): void {
    if (state.status !== "in_progress") this.#live = undefined;
    const history = this.#recall(state);
    const isOver = state.status === "absent" || isEnded(state);
    for (const socket of this.#open()) this.#tell(socket, history, isOver);
  }

  /** Takes chunks of the running answer, of which `from` came before, from the holder of the lease. */
  append(
    state: JobState,
    { epoch, from, chunks }: { epoch: number; from: number; chunks: readonly string[] },
  ): AppendReply {
    if (state.status !== "in_progress" || state.job.epoch !== epoch || state.cancelRequestedAt !== null) {
      return { kind: "refused" };
    }
    if (this.#live?.epoch !== epoch) this.#live = { epoch, chunks: [], sizeChars: 0 };
    const live = this.#live;
    const fresh = from > live.chunks.length ? [] : chunks.slice(live.chunks.length - from);
    const sizeChars = fresh.reduce((sum, { length }) => sum + length, live.sizeChars);
    if (sizeChars > MAX_LIVE_CHARS) return { kind: "full" };
    live.sizeChars = sizeChars;
    for (const chunk of fresh) live.chunks.push(chunk);
    if (fresh.length > 0) this.publish(state);
    return { kind: "kept", have: live.chunks.length, watchers: this.#open().length };
  }

  #open(): readonly WebSocket[] {
    return this.#host.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN);
  }

  /** A subscriber that cannot be sent to connects again for the rest; the others and the job go on. */
  #tell(socket: WebSocket, history: JobHistory, isOver: boolean): void {
    try {
      let last: EventId | undefined;
      for (const { id, text } of writeEventsAfter(history, readLast(socket))) {
        socket.send(text);
        last = id;
      }
      if (last) socket.serializeAttachment(writeEventId(last));
      if (isOver) socket.close(ENDED);
    } catch (error) {
      this.#about.onFailure(error);
    }
  }

  #recall(state: JobState): JobHistory {
    const { id: job } = this.#about;
    if (state.status === "absent") return { job, timeline: [], chunks: () => [] };
    let chunks: readonly string[] | undefined;
    return {
      job,
      timeline: state.job.timeline,
      chunks: () => (chunks ??= this.#recallChunks(state)),
    };
  }

  #recallChunks(state: JobState): readonly string[] {
    if (state.status === "in_progress") {
      return this.#live?.epoch === state.job.epoch ? this.#live.chunks : [];
    }
    const streamed = state.status === "succeeded" && state.output.contentType.startsWith("text/event-stream");
    const bytes = streamed ? this.#about.readOutput() : undefined;
    return bytes ? readChunks(bytes) : [];
  }
}

const reply = (status: 204 | 503): Response => new Response(null, { status });

function readLast(socket: WebSocket): EventId {
  const attachment: unknown = socket.deserializeAttachment();
  return (typeof attachment === "string" ? parseEventId(attachment) : undefined) ?? START;
}
