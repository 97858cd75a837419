import { abortable, startLimit } from "./limit.ts";

/** What is used of a body's reader; the name of its own type is unknown where there is no runtime's library. */
export interface BodyReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** Cancels what is left of a body. */
export function release(reader: BodyReader): void {
  reader.cancel().catch(() => {});
}

/**
 * Reads the text of a body as it comes, until the signal aborts or nothing comes for too long, which is
 * thrown. It does not cancel the body: its reader's owner does.
 */
export async function* readText(
  reader: BodyReader,
  signal?: AbortSignal,
  longestSilenceMs?: number,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  for (let done = false; !done;) {
    const limit = startLimit(longestSilenceMs, signal);
    const read = await abortable(reader.read(), limit.signal).finally(limit.end);
    done = read.done;
    yield decoder.decode(read.value, { stream: !done });
  }
}
