import type { Change, Look, Reading, Span, Submission } from "./history.ts";

/** Writes down what happens, in the order in which it does. */
export class Recorder {
  readonly submissions: Submission[] = [];
  readonly looks: Look[] = [];
  readonly outputs: Reading[] = [];
  readonly events: Reading[] = [];
  readonly changes: Change[] = [];
  #moment = 0;

  /** Runs something, and gives what came of it with when that was. */
  async span<T extends object>(run: () => Promise<T>): Promise<T & Span> {
    const began = this.#moment++;
    const result = await run();
    return { ...result, began, ended: this.#moment++ };
  }
}
