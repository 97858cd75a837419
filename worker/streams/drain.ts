import type { OpenStream } from "./open-stream.ts";

/** A provider that goes on after its last event is not listened to for longer. */
export const DRAIN_MS = 1000;

/**
 * Reads what is left of a complete answer. The end of the HTTP message often comes a moment after the last
 * event, and unless it is read the connection cannot be used for the next call.
 */
export async function drain(
  stream: Pick<OpenStream, "abort">,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<void> {
  const timer = setTimeout(() => stream.abort(), DRAIN_MS);
  try {
    while (!(await reader.read()).done);
  } catch {
    // The connection is lost after all; the answer is complete without it.
  }
  clearTimeout(timer);
  stream.abort();
}
