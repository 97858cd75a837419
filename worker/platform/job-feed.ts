import type { Hold } from "../domain/answers/held-bytes.ts";
import type { FeedStep, JobFeed } from "../domain/jobs/job-events.ts";

/** How much is kept for a slow reader; past it the feed ends, and its reader opens another for the rest. */
const MAX_WAITING_CHARS = 4 * 1024 * 1024;
/** Text takes one or two bytes a character. */
const CHAR_BYTES = 2;
const NORMAL_CLOSURE = 1000;

/** Reads a WebSocket that a job's object has sent here. The feed also ends where the isolate has no room for more. */
export function openJobFeed(socket: WebSocket, hold: Hold): JobFeed {
  let waiting: string[] = [];
  let waitingChars = 0;
  let end: FeedStep | undefined;
  let change = Promise.withResolvers<void>();
  const wake = () => {
    change.resolve();
    change = Promise.withResolvers();
  };
  const finish = (whole: boolean) => {
    end ??= { kind: "end", whole };
    if (waiting.length === 0) hold.close();
    wake();
  };
  const close = () => {
    if (!end) socket.close(NORMAL_CLOSURE);
    finish(false);
  };
  socket.addEventListener("message", ({ data }) => {
    if (end || typeof data !== "string") return;
    waiting.push(data);
    waitingChars += data.length;
    hold.grow(data.length * CHAR_BYTES);
    if (waitingChars > MAX_WAITING_CHARS || hold.isOver) close();
    else wake();
  });
  socket.addEventListener("close", ({ code }) => finish(code === NORMAL_CLOSURE));
  socket.addEventListener("error", () => finish(false));
  socket.accept();
  return {
    async next(waitMs) {
      if (waiting.length === 0 && !end) await within(change.promise, waitMs);
      if (waiting.length === 0) return end ?? { kind: "quiet" };
      const texts = waiting;
      hold.grow(-waitingChars * CHAR_BYTES);
      if (end) hold.close();
      waiting = [];
      waitingChars = 0;
      return { kind: "events", texts };
    },
    close() {
      close();
      hold.close();
    },
  };
}

async function within(change: Promise<void>, waitMs: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, Math.max(0, waitMs));
  await Promise.race([change, late.promise]);
  clearTimeout(timer);
}
