import { joinBytes } from "./read-bytes.ts";

/** A stream from its start, with all of its bytes where it is short. */
export interface Peeked {
  readonly whole: Uint8Array | undefined;
  readonly stream: ReadableStream<Uint8Array>;
}

/** Reads a stream until it has ended or more than so many bytes have come; undefined where it breaks until then. */
export async function peekBytes(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Peeked | undefined> {
  const reader = stream.getReader();
  const ahead: Uint8Array[] = [];
  let size = 0;
  try {
    while (size <= maxBytes) {
      const { done, value } = await reader.read();
      if (done) return { whole: joinBytes(ahead, size), stream: resumeBytes(ahead, reader) };
      ahead.push(value);
      size += value.byteLength;
    }
    return { whole: undefined, stream: resumeBytes(ahead, reader) };
  } catch {
    return undefined;
  }
}

/** A stream of which some parts have been read, from its start. */
export const resumeBytes = (
  ahead: readonly Uint8Array[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> => {
  const parts = [...ahead];
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const first = parts.shift();
        if (first) return controller.enqueue(first);
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
};
