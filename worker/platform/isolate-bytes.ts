import { HeldBytes } from "../domain/answers/held-bytes.ts";

/** One account for all that runs in the isolate, the Worker and its objects alike: they share its memory. */
export const isolateBytes = new HeldBytes(() => Date.now());
