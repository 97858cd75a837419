import {
  type EventId,
  FOLLOW_HEADERS,
  type JobHistory,
  parseEventId,
  readChunks,
  START,
  writeEventId,
  writeEventsAfter,
} from "../../worker/domain/job-events.ts";
import type { AppendReply } from "../../worker/domain/job-protocol.ts";
import { isEnded, type JobState } from "./job-record.ts";

/** As much of the object's platform as its subscribers need: WebSockets that outlive its memory. */
type SocketHost = Pick<DurableObjectState, "acceptWebSocket" | "getWebSockets" | "setWebSocketAutoResponse">;

/** Chunks of a run's answer, handed in by whoever holds its lease. */
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
  readonly #job: string;
  readonly #readOutput: () => Uint8Array | undefined;
  #live: LiveChunks | undefined;

  constructor(host: SocketHost, job: string, readOutput: () => Uint8Array | undefined) {
    this.#host = host;
    this.#job = job;
    this.#readOutput = readOutput;
  }

  /**
   * Takes a subscriber, and sends all that came after the event it names: 101; 204 where nothing did and
   * nothing will, 503 where there are too many already.
   */
  connect(state: JobState, headers: Headers): Response {
    const after = parseEventId(headers.get(FOLLOW_HEADERS.after) ?? "") ?? START;
    const history = this.#recall(state);
    if (isEnded(state) && writeEventsAfter(history, after).next().done === true) return reply(204);
    if (this.#host.getWebSockets().length >= MAX_SUBSCRIBERS) return reply(503);
    const { 0: client, 1: server } = new WebSocketPair();
    this.#host.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    this.#host.acceptWebSocket(server);
    server.serializeAttachment(writeEventId(after));
    tell(server, history);
    if (isEnded(state)) server.close(ENDED);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Tells everybody what is new; after the last event there is nobody left. */
  publish(state: JobState): void {
    if (state.status !== "in_progress") this.#live = undefined;
    const sockets = this.#host.getWebSockets();
    if (sockets.length === 0) return;
    const history = this.#recall(state);
    for (const socket of sockets) {
      if (socket.readyState !== WebSocket.OPEN) continue;
      tell(socket, history);
      if (state.status === "absent" || isEnded(state)) socket.close(ENDED);
    }
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
    return { kind: "kept", have: live.chunks.length, watchers: this.#host.getWebSockets().length };
  }

  #recall(state: JobState): JobHistory {
    if (state.status === "absent") return { job: this.#job, timeline: [], chunks: () => [] };
    let chunks: readonly string[] | undefined;
    return {
      job: this.#job,
      timeline: state.job.timeline,
      chunks: () => (chunks ??= this.#recallChunks(state)),
    };
  }

  #recallChunks(state: JobState): readonly string[] {
    if (state.status === "in_progress") {
      return this.#live?.epoch === state.job.epoch ? this.#live.chunks : [];
    }
    const streamed = state.status === "succeeded" && state.output.contentType.startsWith("text/event-stream");
    const bytes = streamed ? this.#readOutput() : undefined;
    return bytes ? readChunks(bytes) : [];
  }
}

const reply = (status: 204 | 503): Response => new Response(null, { status });

function tell(socket: WebSocket, history: JobHistory): void {
  let last: EventId | undefined;
  for (const { id, text } of writeEventsAfter(history, readLast(socket))) {
    socket.send(text);
    last = id;
  }
  if (last) socket.serializeAttachment(writeEventId(last));
}

function readLast(socket: WebSocket): EventId {
  const attachment: unknown = socket.deserializeAttachment();
  return (typeof attachment === "string" ? parseEventId(attachment) : undefined) ?? START;
}
