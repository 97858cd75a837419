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
import type { Hold } from "../../worker/domain/answers/held-bytes.ts";
import type { JobState } from "./job-record.ts";

/**
 * The part of the object's platform that subscribers need: WebSockets that stay open when its memory is
 * dropped.
 */
type SocketHost = Pick<DurableObjectState, "acceptWebSocket" | "getWebSockets" | "setWebSocketAutoResponse">;

/** The job that is followed, as far as its state does not say. */
interface SubscribedJob {
  /** The wire's id. */
  readonly id: string;
  readonly readOutput: () => Uint8Array | undefined;
  /** Opens the account of what is kept for them. */
  readonly hold: (tenant: string) => Hold;
  /** Called with the error where a subscriber could not be sent an event. */
  readonly onFailure: (error: unknown) => void;
}

/** Chunks of a run's answer, as the holder of its lease sends them. */
interface LiveChunks {
  readonly epoch: number;
  readonly chunks: string[];
  sizeChars: number;
  readonly hold: Hold;
}

/** The most that is kept of a running answer, which may be less where the isolate has no room for it. */
const MAX_LIVE_CHARS = 8 * 1024 * 1024;
/** Text takes one or two bytes a character. */
const CHAR_BYTES = 2;
/** The platform takes 32,768, but every chunk is written to each. */
const MAX_SUBSCRIBERS = 1000;
const ENDED = 1000;

/**
 * The subscribers of a job. Each one's WebSocket has the id of the last event it was sent attached, so that
 * it continues from there when the object's memory was dropped meanwhile. The chunks of a running answer are
 * in memory only: the run has them all, and so has the output at the end.
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
   * Adds a subscriber, and sends it all events after the one that it names: 101; 204 where there are none and
   * none will come; 503 where there are too many subscribers already.
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

  /** Sends new events to all subscribers; the last event ends their connections. Never throws. */
  publish(state: JobState): void {
    if (state.status !== "in_progress") this.#forget();
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
    const live = this.#live?.epoch === epoch ? this.#live : this.#begin(epoch, state.job.facts.tenant);
    const fresh = from > live.chunks.length ? [] : chunks.slice(live.chunks.length - from);
    const sizeChars = fresh.reduce((sum, { length }) => sum + length, live.sizeChars);
    if (sizeChars > MAX_LIVE_CHARS || live.hold.isOver) return { kind: "full" };
    live.hold.grow((sizeChars - live.sizeChars) * CHAR_BYTES);
    live.sizeChars = sizeChars;
    for (const chunk of fresh) live.chunks.push(chunk);
    if (fresh.length > 0) this.publish(state);
    return { kind: "kept", have: live.chunks.length, watchers: this.#open().length };
  }

  #begin(epoch: number, tenant: string): LiveChunks {
    this.#forget();
    return (this.#live = { epoch, chunks: [], sizeChars: 0, hold: this.#about.hold(tenant) });
  }

  #forget(): void {
    this.#live?.hold.close();
    this.#live = undefined;
  }

  #open(): readonly WebSocket[] {
    return this.#host.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN);
  }

  /**
   * Where sending fails, the subscriber has to connect again for the rest; others and the job are not
   * affected.
   */
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
