import type { Usage } from "../../contract/responses.ts";
import type { EventReader, StreamEvent } from "../routing/adapter.ts";
import { failureOfTold } from "../routing/upstream-failure.ts";
import type { Piece, StreamEnd } from "./answer-body.ts";
import { err, ok } from "../result.ts";
import { readData, readName } from "./server-sent-events.ts";

export interface EventGroup {
  readonly pieces: readonly Piece[];
  /** All events are passed on unchanged, as one piece. */
  readonly verbatim: boolean;
  /** An event is not passed on as it came. */
  readonly changed: boolean;
  readonly usage: Usage | null;
  /** How the stream ended, where one of the events ended it. */
  readonly end: StreamEnd | undefined;
  /** Whether the event that ended it tells clients of the same API that the stream has failed. */
  readonly isTold: boolean;
}

const encoder = new TextEncoder();

/**
 * Groups the events that came together into pieces, up to the one that ends the stream. `closed`: the stream
 * has ended after them, which with some providers means that it is complete. `bytes`: the events as they
 * came, where nothing else came with them; where all are passed on unchanged these bytes are used, and
 * nothing is encoded again.
 */
export function groupEvents(
  events: readonly string[],
  read: EventReader,
  closed = false,
  bytes?: Uint8Array,
): EventGroup {
  const group = new Grouping();
  for (const raw of events) {
    group.add(raw, readEvent(raw, read));
    if (group.end) break;
  }
  const last = closed && !group.end ? (read.end?.() ?? []) : [];
  for (const event of last) if (!group.end) group.add("", event);
  return group.finish(bytes);
}

/** JSON or markup outside of an event, as servers write it that fail in the middle of a stream. */
const STRAY = /^\s*[{[<]/;

const NOTHING: StreamEvent = { kind: "comment", emit: "" };

function readEvent(raw: string, read: EventReader): StreamEvent {
  if (STRAY.test(raw)) return { kind: "error", reason: "what came is not an event" };
  const data = readData(raw);
  if (data !== undefined && data.trim() !== "") return read({ name: readName(raw), data });
  // Some relays keep a stream open by such events, which clients cannot read.
  if (data !== undefined) return NOTHING;
  return { kind: "comment" };
}

const isPart = (event: StreamEvent): boolean =>
  event.kind === "delta" || (event.kind === "usage" && event.speaks === true);

const usageOf = (event: StreamEvent): Usage | null | undefined =>
  event.kind === "usage" || event.kind === "error" ? event.usage : null;

type Failure = Extract<StreamEvent, { kind: "error" }>;

function failedEnd({ reason, told, code }: Failure): StreamEnd {
  return err(told ? failureOfTold(told).error : { code: code ?? "upstream_error", reason });
}

class Grouping {
  readonly #pieces: Piece[] = [];
  #text = "";
  #deltas = 0;
  #verbatim = true;
  #changed = false;
  #usage: Usage | null = null;
  #isTold = false;
  end: StreamEnd | undefined;

  add(raw: string, event: StreamEvent): void {
    this.#usage = usageOf(event) ?? this.#usage;
    if (event.kind === "error") return this.#fail(raw, event);
    if (event.kind === "several") {
      this.#verbatim = false;
      for (const each of event.events) if (!this.end) this.add("", each);
      return;
    }
    const text = event.emit ?? raw;
    if (text !== raw) this.#verbatim = false;
    // What stands for an event that did not come has no text of its own.
    this.#changed ||= text !== raw && raw !== "";
    if (isPart(event)) this.#deltas++;
    if (event.kind === "done") this.end = ok(null);
    if (event.kind === "usage" && event.only) this.#addUsage(text);
    else this.#text += text;
  }

  #fail(raw: string, event: Failure): void {
    this.end = failedEnd(event);
    this.#isTold = event.inForm === true && raw !== "";
  }

  finish(bytes: Uint8Array | undefined): EventGroup {
    const isFirst = this.#pieces.length === 0;
    this.#flush(this.#verbatim && isFirst && !this.end ? bytes : undefined);
    const verbatim = this.#verbatim && this.#pieces.length === 1 && !this.end && !this.#pieces[0]?.usageOnly;
    return {
      pieces: this.#pieces,
      verbatim,
      changed: this.#changed,
      usage: this.#usage,
      end: this.end,
      isTold: this.#isTold,
    };
  }

  #addUsage(text: string): void {
    this.#flush();
    if (text !== "") this.#pieces.push({ bytes: encoder.encode(text), usageOnly: true, deltas: 0 });
  }

  #flush(bytes?: Uint8Array): void {
    if (this.#text !== "" || this.#deltas > 0) {
      const encoded = bytes ?? encoder.encode(this.#text);
      this.#pieces.push({ bytes: encoded, usageOnly: false, deltas: this.#deltas });
    }
    this.#text = "";
    this.#deltas = 0;
  }
}
