/** How long a request's body is waited for. */
export interface Patience {
  /** How long it may bring nothing. */
  readonly stallMs: number;
  /** When the whole request must end, in milliseconds since the epoch. */
  readonly deadlineAt: number;
  readonly now: () => number;
  /** Rejects, with LateBody, where the body has to give way to others. */
  readonly mustGiveWay?: Promise<never>;
}

/** A body that was not waited for any longer; the code is the error's that says why. */
export class LateBody extends Error {
  override readonly name = "LateBody";
  readonly code: "request_timeout" | "deadline_exceeded" | "overloaded";

  constructor(code: LateBody["code"]) {
    super(code);
    this.code = code;
  }
}

/**
 * Waits for a read of a body; rejects with LateBody where the client takes too long, or others need the room. The read is left pending, and
 * with it the lock of its reader: nothing else may read from that body.
 */
export async function waitForPart<T>(part: Promise<T>, patience: Patience): Promise<T> {
  const { stallMs, deadlineAt, now, mustGiveWay = part } = patience;
  const late = Promise.withResolvers<never>();
  const leftMs = deadlineAt - now();
  const code = leftMs < stallMs ? "deadline_exceeded" : "request_timeout";
  const timer = setTimeout(() => late.reject(new LateBody(code)), Math.max(0, Math.min(leftMs, stallMs)));
  try {
    return await Promise.race([mustGiveWay, part, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
