import type { JobFeed } from "../../domain/jobs/job-events.ts";
import { type Watch, writeJobEvents } from "./write-job-events.ts";

/** Sends a feed as it comes, at the client's pace; one that leaves ends the feed. */
export function streamJobEvents(
  feed: JobFeed,
  watch: Watch,
  defer: (work: Promise<unknown>) => void,
): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream();
  defer(pump(writeJobEvents(feed, watch), writable.getWriter()).finally(() => feed.close()));
  return readable;
}

async function pump(
  parts: AsyncGenerator<string>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
): Promise<void> {
  try {
    for await (const part of parts) await writer.write(encoder.encode(part));
    await writer.close();
  } catch {
    // The client has left: a write to it fails.
  }
}

const encoder = new TextEncoder();
