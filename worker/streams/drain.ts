import type { OpenStream } from "./open-stream.ts";

/** A provider that goes on after its last event is not listened to for longer. */
export const DRAIN_MS = 1000;

/**
 * Reads what is left of an answer that is complete. The end of the connection's message often comes a moment
 * after its last event, and without it the connection could not be used for the next call.
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
