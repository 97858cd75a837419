import type { GatewayError } from "../contract/errors.ts";
import type { Usage } from "../contract/responses.ts";
import type { EventReader } from "../domain/routing/adapter.ts";
import {
  MAX_ANSWER_BYTES,
  type Piece,
  type Pieces,
  type PieceStep,
  type PipeEnd,
  type StreamEnd,
} from "../domain/answers/answer-body.ts";
import { groupEvents } from "../domain/answers/group-events.ts";
import { err, ok } from "../domain/result.ts";
import { type Cut, createEventCutter } from "../domain/answers/server-sent-events.ts";
import { drain } from "./drain.ts";
import type { OpenStream } from "./open-stream.ts";
import { pipeEvents } from "./pipe-events.ts";
import type { Pace } from "./watchdog.ts";
import { whyBroken } from "./why-broken.ts";

export interface RelayOptions {
  /**
   * Called once with the stream's end (undefined where its reader left), and what came before it.
   */
  readonly onEnd?: (end: StreamEnd | undefined, came: CameUntilEnd) => void;
  /**
   * Whether the events are neither recorded nor changed or hidden, so that they may be sent without being read
   * one by one; asked when the answer has begun.
   */
  readonly mayPipe?: () => boolean;
  /** How much the provider has to say once it has begun: events a second; as little as before where absent. */
  readonly pace?: Pace;
  /** Takes out of an error what must not leave with a provider's words. */
  readonly clean?: (error: GatewayError) => GatewayError;
  /** Lets work outlive the response. */
  readonly defer?: (work: Promise<unknown>) => void;
}

/** What of an answer came before its end: how many deltas, and what it said was used. */
interface CameUntilEnd {
  readonly deltas: number;
  readonly usage: Usage | null;
}

/** How much may come before the answer begins, and be held back until then. */
const MAX_HELD_EVENTS = 64;
const MAX_HELD_BYTES = 256 * 1024;

/**
 * Passes a provider's events on as they arrive, whole ones only, and reads from them what was used.
 * A stream is complete when its provider says so. One that just stops, or sends what cannot be read, is broken
 * (unless the event reader can tell from the events before that nothing else was to come). A byte that is not
 * UTF-8 is U+FFFD, as for every client. Time counts from one part of the answer to the next: a provider that
 * only keeps the connection alive is silent.
 */
export const relayEvents = (stream: OpenStream, read: EventReader, options: RelayOptions = {}): EventRelay =>
  new EventRelay(stream, read, options);

/** Not a generator, with which each event would take several more turns of the event loop. */
export class EventRelay implements Pieces {
  readonly #stream: OpenStream;
  readonly #read: EventReader;
  readonly #options: RelayOptions;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: false });
  readonly #cutter = createEventCutter(MAX_ANSWER_BYTES);
  readonly #ready: Piece[] = [];
  /** Whether what has come ends with a whole event. */
  #aligned = true;
  #isInForm = true;
  #isTold = false;
  #whole: string | undefined;
  #usage: Usage | null = null;
  #deltas = 0;
  /** How many deltas there were when the watch was told of them. */
  #watched = 0;
  #events = 0;
  #end: StreamEnd | undefined;
  #isOver = false;
  pipeTo?: (sink: WritableStream<Uint8Array>) => Promise<PipeEnd | undefined>;

  constructor(stream: OpenStream, read: EventReader, options: RelayOptions) {
    this.#stream = stream;
    this.#read = read;
    this.#options = options;
    this.#reader = stream.body.getReader();
  }

  /** JSON that came in the place of a stream; known when `begin` has told of an end. */
  get whole(): string | undefined {
    return this.#whole;
  }

  /** Whether all that came could be passed on as it came. */
  get isInForm(): boolean {
    return this.#isInForm;
  }

  /**
   * Waits until something of the answer is there, and holds back what comes before: comments, chunks that only
   * name a role. Gives the end where the stream failed until then, or ended without any event.
   */
  async begin(): Promise<StreamEnd | undefined> {
    const held: Piece[] = [];
    let heldBytes = 0;
    while (this.#deltas === 0 && this.#events < MAX_HELD_EVENTS && heldBytes < MAX_HELD_BYTES) {
      const step = await this.next();
      if (step.done === true) {
        if (step.value.ok && held.length > 0) break;
        return step.value;
      }
      held.push(step.value);
      heldBytes += step.value.bytes.byteLength;
    }
    this.#ready.unshift(...held);
    const { pace, mayPipe } = this.#options;
    if (pace) this.#stream.watchdog.setPace(pace);
    if (this.#aligned && this.#isInForm && !this.#end && mayPipe?.() === true)
      this.pipeTo = (sink) => this.#pipe(sink);
    return undefined;
  }

  next(): Promise<PieceStep> {
    return Promise.resolve(this.#step());
  }

  /** What is there is given without a promise of its own: each would cost every event a turn. */
  #step(): PieceStep | Promise<PieceStep> {
    const piece = this.#ready.shift();
    if (piece) return { done: false, value: piece };
    if (this.#end) return this.#finish(this.#end);
    this.#watch();
    return this.#reader.read().then(this.#onPart, this.#onBreak);
  }

  /** The provider is waited for: anew where a part of the answer has come, for what is left of its time else. */
  #watch(): void {
    const { watchdog } = this.#stream;
    if (this.#deltas > this.#watched) watchdog.touch(this.#deltas - this.#watched);
    else watchdog.wait();
    this.#watched = this.#deltas;
  }

  /** Its reader leaves. */
  return(end: StreamEnd): Promise<PieceStep> {
    this.#stream.abort();
    this.#tell(undefined);
    this.#end ??= end;
    return Promise.resolve({ done: true, value: end });
  }

  readonly #onPart = ({
    done,
    value,
  }: ReadableStreamReadResult<Uint8Array>): PieceStep | Promise<PieceStep> => {
    // From here it is the client that is waited for; its slowness is not the provider's.
    this.#stream.watchdog.pause();
    try {
      const rest = done ? undefined : this.#skim(value);
      return done || rest ? this.#readClosely(rest) : this.#step();
    } catch (error) {
      return this.#onBreak(error);
    }
  };

  /** What is plainly nothing but deltas goes on as it came, and is not decoded; gives the rest. */
  #skim(bytes: Uint8Array): Uint8Array | undefined {
    const skimmed = this.#aligned ? this.#read.skim?.(bytes) : undefined;
    if (!skimmed || skimmed.end === 0) return bytes;
    const { events, end } = skimmed;
    this.#deltas += events;
    this.#events += events;
    const isAll = end === bytes.byteLength;
    this.#ready.push({ bytes: isAll ? bytes : bytes.subarray(0, end), usageOnly: false, deltas: events });
    return isAll ? undefined : bytes.subarray(end);
  }

  #readClosely(value: Uint8Array | undefined): PieceStep | Promise<PieceStep> {
    const cut = value ? this.#cut(value) : this.#cutter.end();
    if (cut) this.#take(cut.events, !value, cut.aligned ? value : undefined);
    else this.#end = TOO_LONG;
    return this.#step();
  }

  /** Cuts what came into events, aligned where they are the very bytes; undefined where one is too long. */
  #cut(bytes: Uint8Array): Cut | undefined {
    const text = this.#decoder.decode(bytes, { stream: true });
    const cut = this.#cutter.add(text);
    this.#aligned = cut?.isWhole === true && bytes.at(-1) === LINE_FEED;
    if (!text.includes(REPLACEMENT)) return cut;
    this.#isInForm = false;
    return cut && { ...cut, aligned: false };
  }

  #take(events: readonly string[], closed: boolean, bytes?: Uint8Array): void {
    this.#events += events.length;
    const group = groupEvents(events, this.#read, closed, bytes);
    this.#usage = group.usage ?? this.#usage;
    if (group.changed) this.#isInForm = false;
    this.#isTold ||= group.isTold;
    for (const piece of group.pieces) {
      this.#deltas += piece.deltas;
      this.#ready.push(piece);
    }
    if (group.end) this.#end = group.end.ok ? ok(this.#usage) : this.#clean(group.end.error);
    else if (closed) this.#end = brokenOff("the stream ended before its last event");
    if (group.end?.ok === false && this.#deltas === 0) this.#whole = findJson(events);
  }

  #clean(error: GatewayError): StreamEnd {
    return err(this.#options.clean?.(error) ?? error);
  }

  /** Sends what has been read, and then lets the platform copy the rest; a copy of that is read afterwards. */
  async #pipe(sink: WritableStream<Uint8Array>): Promise<PipeEnd | undefined> {
    for (const { bytes } of this.#ready.splice(0)) await write(sink, bytes);
    this.#reader.releaseLock();
    const piped = await pipeEvents(this.#stream, sink, (part) => this.#hear(part));
    const end = this.#end ?? (piped?.broken ? err(piped.broken) : undefined);
    if (!piped) {
      this.#tell(end?.ok === true ? end : undefined);
      return undefined;
    }
    const last = end ?? this.#close();
    this.#stream.abort();
    this.#tell(last);
    // Clients take no notice of an event without it.
    if ((last.ok || this.#isTold) && !this.#aligned) await write(sink, BLANK_LINE);
    // What stands for the end of a stream whose provider has not said it.
    for (const { bytes } of this.#ready.splice(0)) await write(sink, bytes);
    return { end: last, isTold: this.#isTold, aligned: this.#aligned, events: this.#events };
  }

  /**
   * Reads a part that has gone out already, and tells the watch where it was a part of the answer; true at the
   * end. What follows that says nothing more.
   */
  #hear(part: Uint8Array): boolean {
    const before = this.#deltas;
    const rest = this.#skim(part);
    const cut = rest && this.#cut(rest);
    if (cut) this.#take(cut.events, false, EMPTY);
    else if (rest) this.#end = TOO_LONG;
    this.#ready.length = 0;
    if (this.#deltas > before) this.#stream.watchdog.touch(this.#deltas - before);
    return this.#end !== undefined;
  }

  /** Reads what is left at the end: events that have gone out, and then what stands for the end. */
  #close(): StreamEnd {
    this.#take(this.#cutter.end().events, false, EMPTY);
    this.#ready.length = 0;
    if (!this.#end) this.#take([], true);
    return this.#end ?? brokenOff("the stream ended before its last event");
  }

  /** What came before it broke is still to be given. */
  readonly #onBreak = (error: unknown): PieceStep | Promise<PieceStep> => {
    this.#end ??= err(whyBroken(this.#stream, error));
    return this.#step();
  };

  #finish(end: StreamEnd): PieceStep {
    const { defer } = this.#options;
    if (end.ok && defer && !this.#isOver) defer(drain(this.#stream, this.#reader));
    else if (!this.#isOver) this.#stream.abort();
    this.#end = end;
    this.#tell(end);
    return { done: true, value: end };
  }

  #tell(end: StreamEnd | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.onEnd?.(end, { deltas: this.#deltas, usage: this.#usage });
  }
}

const LINE_FEED = 0x0a;
/** What stands for a byte that is not UTF-8. */
const REPLACEMENT = "\ufffd";
const EMPTY = new Uint8Array(0);
const BLANK_LINE = new Uint8Array([LINE_FEED, LINE_FEED]);

/** JSON that stands among events, with all that follows it; undefined where there is none. */
function findJson(events: readonly string[]): string | undefined {
  const at = events.findIndex((event) => /^\s*[{[]/.test(event));
  return at < 0 ? undefined : events.slice(at).join("");
}

const brokenOff = (reason: string): StreamEnd => err({ code: "upstream_invalid_response", reason });
const TOO_LONG = brokenOff("an event is longer than an answer may be");

async function write(sink: WritableStream<Uint8Array>, bytes: Uint8Array): Promise<void> {
  const writer = sink.getWriter();
  await writer.write(bytes);
  writer.releaseLock();
}
