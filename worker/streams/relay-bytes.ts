import type { OpenStream } from "../platform/call-provider.ts";

/** The platform's own reads are of 4 KB; each costs a turn. */
const READ_BYTES = 64 * 1024;

/**
 * Passes an answer's bytes on, unread, at the client's pace. A provider that falls silent while it is
 * waited for, the deadline and the client's leaving end the call; what is cut short ends with an error,
 * so that nobody takes it for whole. Resolves when the first bytes are there: until then, it is for
 * another target to do better. Undefined where the answer is empty.
 */
export async function relayBytes(stream: OpenStream): Promise<ReadableStream<Uint8Array> | undefined> {
  const reader = stream.body.getReader({ mode: "byob" });
  const read = async () => {
    stream.watchdog.touch();
    const { value, done } = await reader.read(new Uint8Array(READ_BYTES));
    stream.watchdog.pause();
    return done || !value ? undefined : value;
  };
  let next = await read();
  if (!next) return undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          next ??= await read();
          if (next) return controller.enqueue(next);
          stream.abort();
          controller.close();
        } catch (error) {
          stream.abort();
          controller.error(error);
        } finally {
          next = undefined;
        }
      },
      cancel: () => stream.abort(),
    },
    { highWaterMark: 0 },
  );
}
