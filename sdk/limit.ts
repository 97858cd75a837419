import { HeadraceError } from "./errors.ts";

/** A signal that ends work, and what takes its timer and listener away when the work is over. */
export interface Limit {
  /** Once aborted, its `reason` is the HeadraceError to throw. */
  readonly signal: AbortSignal;
  readonly end: () => void;
}

/** Timers take a 32-bit number and fire at once beyond it; this is 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Starts a limit that aborts after `timeoutMs` (undefined: never), or when `parent` does; `explain`
 * turns the parent's reason into the error to throw. The caller must `end` it.
 */
export function startLimit(
  timeoutMs: number | undefined,
  parent: AbortSignal | undefined,
  explain: (reason: unknown) => unknown = (reason) => reason,
): Limit {
  const controller = new AbortController();
  const onParentAbort = (): void => controller.abort(explain(parent?.reason));
  const timer = timeoutMs === undefined ? undefined : startTimer(controller, timeoutMs);
  const end = (): void => {
    if (timer !== undefined) clearTimeout(timer);
    parent?.removeEventListener("abort", onParentAbort);
  };
  parent?.addEventListener("abort", onParentAbort);
  if (parent?.aborted === true) onParentAbort();
  return { signal: controller.signal, end };
}

function startTimer(controller: AbortController, timeoutMs: number): ReturnType<typeof setTimeout> {
  const expire = (): void => {
    const message = `There was no complete answer within ${timeoutMs} ms.`;
    controller.abort(new HeadraceError(message, { code: "timeout", retryable: true }));
  };
  return setTimeout(expire, Math.min(timeoutMs, LONGEST_TIMER_MS));
}

/** The error of a caller who aborted; what they gave as the reason is its cause. */
export function abortedError(reason: unknown): HeadraceError {
  return new HeadraceError("The call was aborted.", { code: "aborted", cause: reason });
}

/**
 * Settles with `work`, or rejects with the signal's reason, whichever is first: a `fetch` or a token
 * function that ignores signals cannot outlive its limit. For short-lived signals: it keeps its listener.
 */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    work.then(resolve, reject);
  });
}
