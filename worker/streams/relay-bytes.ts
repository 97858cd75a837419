import type { StreamEnd } from "../domain/answers/answer-body.ts";
import { err, ok } from "../domain/result.ts";
import type { OpenStream } from "./open-stream.ts";
import { whyBroken } from "./why-broken.ts";

/** The platform's own reads are of 4 KB; each costs a turn. */
const READ_BYTES = 64 * 1024;

export interface RelayedBytes {
  readonly stream: ReadableStream<Uint8Array>;
  /** How it ended, when nothing more will come; undefined where its reader has left. */
  readonly ended: Promise<StreamEnd | undefined>;
}

/**
 * Passes an answer's bytes on, unread, at the client's pace. The call is ended when the provider sends
 * nothing for too long, at the deadline, and when the client leaves. A stream that is cut short ends with an
 * error, so that it is not taken for complete. Resolves when the first bytes are there: a failure before that
 * can still go to another target. Undefined where the answer is empty.
 */
export async function relayBytes(stream: OpenStream): Promise<RelayedBytes | undefined> {
  const reader = stream.body.getReader({ mode: "byob" });
  const read = async () => {
    stream.watchdog.touch();
    const { value, done } = await reader.read(new Uint8Array(READ_BYTES));
    stream.watchdog.pause();
    return done || !value ? undefined : value;
  };
  let next = await read();
  if (!next) return undefined;
  const ended = Promise.withResolvers<StreamEnd | undefined>();
  const finish = (end: StreamEnd | undefined) => {
    stream.abort();
    ended.resolve(end);
  };
  const relayed = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          next ??= await read();
          if (next) return controller.enqueue(next);
          finish(ok(null));
          controller.close();
        } catch (error) {
          finish(err(whyBroken(stream, error)));
          controller.error(error);
        } finally {
          next = undefined;
        }
      },
      cancel: () => finish(undefined),
    },
    { highWaterMark: 0 },
  );
  return { stream: relayed, ended: ended.promise };
}
