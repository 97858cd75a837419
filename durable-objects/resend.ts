/**
 * When a message to the queue is sent again, should it be lost or its consumer fail before it claims what the
 * message names: half a minute after it was to come, and then after twice as long each time, up to a quarter
 * of an hour. Pure; times are milliseconds since the epoch.
 */
export interface Resend {
  readonly resendAt: number;
  readonly resends: number;
}

/** Not shorter than a lease, so that the alarm set for the resend need not be moved when a lease begins. */
const RESEND_AFTER_MS = 30_000;
const MAX_RESEND_AFTER_MS = 15 * 60_000;
/** How early a message may come: a queue counts in whole seconds, and has its own clock. */
export const EARLY_MS = 1000;

/**
 * Whether a message for something that is due at `at` has come a little early: then the queue is told once more.
 * One that comes earlier still is not the one that was sent for it.
 */
export const isEarly = (at: number, now: number): boolean => now < at && now >= at - EARLY_MS;

/** When to resend a message that is to come at `at`. */
export const awaitMessage = (at: number): Resend => ({ resendAt: at + RESEND_AFTER_MS, resends: 0 });

/** When to resend a message that is sent again now. */
export const resendLater = ({ resends }: Pick<Resend, "resends">, now: number): Resend => ({
  resendAt: now + Math.min(RESEND_AFTER_MS * 2 ** (resends + 1), MAX_RESEND_AFTER_MS),
  resends: resends + 1,
});

/** A message's delay in whole seconds, as the queue takes it: never shorter than what was asked for. */
export const toDelaySeconds = (ms: number): number => Math.ceil(Math.max(0, ms) / 1000);
