/** How long a request's body is waited for. */
export interface Patience {
  /** How long it may bring nothing. */
  readonly stallMs: number;
  /** When the whole request must end, in milliseconds since the epoch. */
  readonly deadlineAt: number;
  readonly now: () => number;
}

/** A body that was not waited for any longer; the code is the error's that says why. */
export class LateBody extends Error {
  override readonly name = "LateBody";
  readonly code: "request_timeout" | "deadline_exceeded";

  constructor(code: LateBody["code"]) {
    super(code);
    this.code = code;
  }
}

/**
 * Waits for a read of a body; rejects with LateBody where the client takes too long. The read is left pending, and
 * with it the lock of its reader: nothing else may read from that body.
 */
export async function waitForPart<T>(part: Promise<T>, { stallMs, deadlineAt, now }: Patience): Promise<T> {
  const late = Promise.withResolvers<never>();
  const leftMs = deadlineAt - now();
  const code = leftMs < stallMs ? "deadline_exceeded" : "request_timeout";
  const timer = setTimeout(() => late.reject(new LateBody(code)), Math.max(0, Math.min(leftMs, stallMs)));
  try {
    return await Promise.race([part, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
