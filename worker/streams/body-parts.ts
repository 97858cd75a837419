import type { ContentCoding } from "../domain/requests/content-coding.ts";
import { type Patience, waitForPart } from "./body-patience.ts";
import { decodeParts } from "./decode-parts.ts";

/** A body as it comes, decoded. */
export interface BodyParts {
  /** The next bytes, which may be none yet; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** How many bytes there were, encoded or decoded: the more of both, for nothing need ever come out of many. */
  size(): number;
  /** Leaves the rest to another reader, or cancels it. */
  leave(toAnother: boolean): void;
}

/** The platform's own reads are of 4 KB; each costs a turn. */
const READ_BYTES = 64 * 1024;

/** Opens a body of a request, which is read in large parts, each waited for; or any other stream, as it comes. */
export function openParts(
  body: ReadableStream<Uint8Array>,
  how: { readonly patience?: Patience; readonly coding?: ContentCoding | undefined },
): BodyParts {
  const { reader, next } = how.patience ? openPatient(body, how.patience) : openPlain(body);
  let [came, decoded] = [0, 0];
  const read = async () => {
    const { done, value } = await next();
    if (!done) came += value.byteLength;
    return done ? undefined : value;
  };
  const decoding = how.coding && decodeParts(read, how.coding);
  return {
    size: () => Math.max(came, decoded),
    read: async () => {
      const part = await (decoding ?? { read }).read();
      decoded += part?.byteLength ?? 0;
      return part;
    },
    leave: (toAnother) => {
      decoding?.stop();
      if (toAnother) reader.releaseLock();
      // Not awaited: it would not settle while the other side goes on sending.
      else reader.cancel().catch(() => undefined);
    },
  };
}

function openPlain(body: ReadableStream<Uint8Array>) {
  const reader = body.getReader();
  return { reader, next: () => reader.read() };
}

function openPatient(body: ReadableStream<Uint8Array>, patience: Patience) {
  const reader = body.getReader({ mode: "byob" });
  return { reader, next: () => waitForPart(reader.read(new Uint8Array(READ_BYTES)), patience) };
}
