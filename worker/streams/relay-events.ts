import type { GatewayError } from "../contract/errors.ts";
import type { Usage } from "../contract/responses.ts";
import type { EventReader } from "../domain/routing/adapter.ts";
import type { PieceGenerator, StreamEnd } from "../domain/answers/answer-body.ts";
import { groupEvents } from "../domain/answers/group-events.ts";
import { err, ok } from "../domain/result.ts";
import { createEventCutter } from "../domain/answers/server-sent-events.ts";
import type { OpenStream } from "../platform/call-provider.ts";

/** A chunk of a chat is some 300 bytes; a tool call's arguments may take more. */
const MAX_EVENT_CHARS = 1024 * 1024;

/**
 * Passes a provider's events on as they arrive, whole ones only, and reads from them what was used.
 * A stream is complete when its provider says so; one that just stops, or talks nonsense, is broken
 * (unless its reader knows from what came that a clean end was all that was left to say).
 */
export async function* relayEvents(stream: OpenStream, read: EventReader): PieceGenerator {
  const reader = stream.body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  const cutter = createEventCutter(MAX_EVENT_CHARS);
  let usage: Usage | null = null;
  try {
    for (;;) {
      stream.watchdog.touch();
      const { done, value } = await reader.read();
      // From here it is the client that is waited for; its slowness is not the provider's.
      stream.watchdog.pause();
      const cut = done ? cutter.end() : cutter.add(decoder.decode(value, { stream: true }));
      if (!cut) return brokenOff("an event is longer than 1 MB");
      const bytes = cut.aligned ? value : undefined;
      const group = groupEvents(cut.events, read, done, bytes);
      usage = group.usage ?? usage;
      for (const piece of group.pieces) yield piece;
      if (group.end) return group.end.ok ? ok(usage) : group.end;
      if (done) return brokenOff("the stream ended before its last event");
    }
  } catch (error) {
    return err(stream.givenUp() ?? lost(error));
  } finally {
    stream.abort();
  }
}

const brokenOff = (reason: string): StreamEnd => err({ code: "upstream_invalid_response", reason });

const lost = (error: unknown): GatewayError => ({
  code: error instanceof TypeError ? "upstream_invalid_response" : "upstream_error",
  reason: error instanceof Error ? error.message : String(error),
});
