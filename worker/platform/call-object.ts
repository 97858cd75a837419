import { sleep } from "./sleep.ts";

const TRIES = 3;
const PAUSE_MS = 50;

/**
 * An object of a job, or of a directory of jobs, that does not answer; what it knows is safe, and a later
 * request may find it again.
 */
export class ObjectUnavailable extends Error {
  override readonly name = "ObjectUnavailable";
}

/**
 * Asks such an object, again with a fresh stub where the platform says that a repeat can help; never where
 * the object is overloaded. Throws ObjectUnavailable where it cannot be reached: its own failures are replies.
 * Only for questions that may be asked twice.
 */
export async function callObject<R, P>(open: () => P, ask: (port: P) => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(open());
    } catch (error) {
      const { retryable, overloaded } = error as { retryable?: unknown; overloaded?: unknown };
      if (attempt === TRIES || retryable !== true || overloaded === true) {
        throw new ObjectUnavailable(String(error), { cause: error });
      }
    }
    await sleep(PAUSE_MS * 2 ** attempt);
  }
}
