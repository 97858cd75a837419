import type { GatewayError } from "../contract/errors.ts";
import type { Usage } from "../contract/responses.ts";
import type { StreamEvent } from "../domain/adapter.ts";
import type { Piece, Pieces, StreamEnd } from "../domain/answer-body.ts";
import { err, ok } from "../domain/result.ts";
import { cutEvents, readData } from "../domain/server-sent-events.ts";
import type { OpenStream } from "./call-provider.ts";

/** A chunk of a chat is some 300 bytes; a tool call's arguments may take more. */
const MAX_EVENT_CHARS = 1024 * 1024;

const encoder = new TextEncoder();

/**
 * Passes a provider's events on as they arrive, whole ones only, and reads from them what was used.
 * A stream is complete when its provider says so; one that just stops, or talks nonsense, is broken.
 */
export async function* relayEvents(stream: OpenStream, parse: (data: string) => StreamEvent): Pieces {
  const reader = stream.body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let buffer = "";
  let usage: Usage | null = null;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return brokenOff("the stream ended without [DONE]");
      stream.watchdog.touch();
      const whole = buffer === "";
      const { events, rest } = cutEvents(buffer + decoder.decode(value, { stream: true }));
      if (rest.length > MAX_EVENT_CHARS) return brokenOff("an event is longer than 1 MB");
      buffer = rest;
      const read = readEvents(events, parse);
      usage = read.usage ?? usage;
      const [only] = read.pieces;
      if (whole && rest === "" && read.plain && only) yield { ...only, bytes: value };
      else yield* read.pieces;
      if (read.end) return read.end.ok ? ok(usage) : read.end;
    }
  } catch (error) {
    return err(stream.givenUp() ?? lost(error));
  } finally {
    stream.abort();
  }
}

interface ReadEvents {
  readonly pieces: Piece[];
  /** Nothing but text: the bytes may go on as they came. */
  readonly plain: boolean;
  readonly usage: Usage | null;
  readonly end: StreamEnd | undefined;
}

/** Groups events into pieces, up to the one that ends the stream if there is one. */
function readEvents(events: readonly string[], parse: (data: string) => StreamEvent): ReadEvents {
  const pieces: Piece[] = [];
  let text = "";
  let deltas = 0;
  let usage: Usage | null = null;
  let end: StreamEnd | undefined;
  const flush = () => {
    if (text !== "") pieces.push({ bytes: encoder.encode(text), usageOnly: false, deltas });
    text = "";
    deltas = 0;
  };
  for (const raw of events) {
    const data = readData(raw);
    const event: StreamEvent | undefined = data === undefined ? undefined : parse(data);
    if (event?.kind === "usage") usage = event.usage;
    if (event?.kind === "error") end = err({ code: "upstream_error", reason: event.reason });
    else if (event?.kind === "usage" && event.only) {
      flush();
      pieces.push({ bytes: encoder.encode(raw), usageOnly: true, deltas: 0 });
    } else {
      text += raw;
      if (event?.kind === "delta") deltas++;
    }
    if (event?.kind === "done") end = ok(null);
    if (end) break;
  }
  flush();
  return { pieces, plain: pieces.length === 1 && !end && !pieces[0]?.usageOnly, usage, end };
}

const brokenOff = (reason: string): StreamEnd => err({ code: "upstream_invalid_response", reason });

const lost = (error: unknown): GatewayError => ({
  code: error instanceof TypeError ? "upstream_invalid_response" : "upstream_error",
  reason: error instanceof Error ? error.message : String(error),
});
