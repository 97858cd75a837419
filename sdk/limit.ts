import { HeadraceError } from "./errors.ts";

/** A signal that ends work, and `end`, which removes its timer and listener when the work is over. */
export interface Limit {
  /** Once aborted, its `reason` is the HeadraceError to throw. */
  readonly signal: AbortSignal;
  /** When the time is up, in milliseconds since the epoch. */
  readonly deadlineMs: number;
  readonly end: () => void;
}

/** Timers take a 32-bit number and fire at once beyond it; this is 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Starts a limit that aborts after `timeoutMs`, or when `parent` does; `explain` turns the parent's
 * reason into the error to throw. The caller must `end` it.
 */
export function startLimit(
  timeoutMs = Infinity,
  parent?: AbortSignal,
  explain: (reason: unknown) => unknown = (reason) => reason,
): Limit {
  const controller = new AbortController();
  const onParentAbort = (): void => controller.abort(explain(parent?.reason));
  // A timer keeps its process alive: there is none where there is no limit.
  const timer =
    timeoutMs === Infinity
      ? undefined
      : setTimeout(() => controller.abort(timeoutError(timeoutMs)), Math.min(timeoutMs, LONGEST_TIMER_MS));
  const end = (): void => {
    clearTimeout(timer);
    parent?.removeEventListener("abort", onParentAbort);
  };
  parent?.addEventListener("abort", onParentAbort);
  if (parent?.aborted) onParentAbort();
  return { signal: controller.signal, deadlineMs: Date.now() + timeoutMs, end };
}

function timeoutError(timeoutMs: number): HeadraceError {
  const message = `There was no complete answer within ${timeoutMs} ms.`;
  return new HeadraceError(message, { code: "timeout", retryable: true });
}

/** The error of a caller who aborted; what they gave as the reason is its cause. */
export function abortedError(reason: unknown): HeadraceError {
  return new HeadraceError("The call was aborted.", { code: "aborted", cause: reason });
}

/**
 * Settles with `work`, or rejects with the signal's reason, whichever is first: a `fetch` or a token
 * function that ignores signals cannot outlive its limit.
 */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => {};
  return new Promise<T>((resolve, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    work.then(resolve, reject);
  }).finally(() => signal.removeEventListener("abort", stop));
}

/** Waits; rejects with the signal's reason as soon as it aborts. */
export function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, delayMs);
  });
  return abortable(slept, signal).finally(() => clearTimeout(timer));
}
