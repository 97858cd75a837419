import { sleep } from "./sleep.ts";

const TRIES = 3;
const PAUSE_MS = 50;

/** An object that could not be reached; what it has stored is safe, and a later request may reach it. */
export class ObjectUnavailable extends Error {
  override readonly name = "ObjectUnavailable";
}

/**
 * Calls an object, and calls it again with a new stub where the platform says that a repeat can help; never
 * where the object is overloaded. Throws ObjectUnavailable where it cannot be reached, or `open` finds none.
 * `open` is told which attempt it is for: 1 is the first. The
 * object's own failures are replies. Only for calls that may be made twice.
 */
export async function callObject<R, P>(
  open: (attempt: number) => P | undefined,
  ask: (port: P) => Promise<R>,
): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    try {
      const port = open(attempt);
      if (port === undefined) throw new Error("this deployment has no such object");
      return await ask(port);
    } catch (error) {
      const { retryable, overloaded } = error as { retryable?: unknown; overloaded?: unknown };
      if (attempt === TRIES || retryable !== true || overloaded === true) {
        throw new ObjectUnavailable(String(error), { cause: error });
      }
    }
    await sleep(PAUSE_MS * 2 ** attempt);
  }
}
