import { type Patience, waitForPart } from "./body-patience.ts";
import { startWatchdog } from "./watchdog.ts";

/** A request's body that is read as it arrives, by one reader. */
export interface UploadBody {
  /** The next bytes, up to 64 KB; undefined at the end. Rejects where the client has left, or with LateBody. */
  read(): Promise<Uint8Array | undefined>;
  /**
   * Reads and drops what still comes, for a while. Await it before a refusal is sent: a server that closes a
   * connection with unread bytes resets it, and the client may lose the refusal (RFC 9112, section 9.6).
   */
  discard(): Promise<void>;
}

/** The platform's own reads are of 4 KB; each costs a turn. */
const READ_BYTES = 64 * 1024;
/**
 * How long a refused client may go on sending, and how long it may send nothing, until it is answered anyway.
 */
const LINGER_MS = 5000;
const PAUSE_MS = 250;

/** Takes a request's body; nobody else may read it from then on. */
export function openUploadBody(body: ReadableStream<Uint8Array> | null, patience: Patience): UploadBody {
  const next = openParts(body);
  return {
    read: () => waitForPart(next(), patience),
    discard: () => discardParts(next, patience.now),
  };
}

/** Discards the whole of a body that nobody has begun to read; see UploadBody. */
export const discardBody = (body: ReadableStream<Uint8Array>, now: () => number): Promise<void> =>
  discardParts(openParts(body), now);

type NextPart = () => Promise<Uint8Array | undefined>;

/** Reads are made one after the other: one that was given up may still be pending. */
function openParts(body: ReadableStream<Uint8Array> | null): NextPart {
  const reader = body?.getReader({ mode: "byob" });
  let last: Promise<unknown> = Promise.resolve();
  const take = async () => {
    const part = await reader?.read(new Uint8Array(READ_BYTES));
    return part?.done === false ? part.value : undefined;
  };
  return () => {
    const next = last.then(take, take);
    last = next;
    return next;
  };
}

async function discardParts(next: NextPart, now: () => number): Promise<void> {
  const expired = Promise.withResolvers<void>();
  const over = new AbortController();
  const limits = { quietMs: PAUSE_MS, deadline: { at: now() + LINGER_MS } };
  const watchdog = startWatchdog(limits, now, () => expired.resolve());
  const drain = async () => {
    while (!over.signal.aborted && (await next())) watchdog.touch();
  };
  await Promise.race([drain().catch(() => undefined), expired.promise]);
  over.abort();
  watchdog.stop();
}
