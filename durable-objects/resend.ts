/**
 * A message to the queue may be lost, or its consumer fail before it claims what the message names. So an
 * object knows when to send it again: after half a minute, and each time twice as long after the last, up to a
 * quarter of an hour. Pure; times are milliseconds since the epoch.
 */
export interface Resend {
  readonly resendAt: number;
  readonly resends: number;
}

/** Not below a lease's length: then the alarm that is set for the one need not be moved for the other. */
const RESEND_AFTER_MS = 30_000;
const MAX_RESEND_AFTER_MS = 15 * 60_000;
/** How early a message may come: a queue counts in seconds, and by a clock of its own. */
export const EARLY_MS = 1000;

/** Of a message that is to come at `at`. */
export const awaitMessage = (at: number): Resend => ({ resendAt: at + RESEND_AFTER_MS, resends: 0 });

/** Of a message that is sent once more. */
export const resendLater = ({ resends }: Pick<Resend, "resends">, now: number): Resend => ({
  resendAt: now + Math.min(RESEND_AFTER_MS * 2 ** (resends + 1), MAX_RESEND_AFTER_MS),
  resends: resends + 1,
});

/** A message's delay in the queue's whole seconds; what is due within one goes at once. */
export const toDelaySeconds = (ms: number): number => (ms < EARLY_MS ? 0 : Math.ceil(ms / 1000));
