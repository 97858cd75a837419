/**
 * When something has to end, in milliseconds since the epoch. It may move to later while the work runs: a call
 * that is shared lasts as long as the longest that waits for it. It never moves to sooner.
 */
export class Deadline {
  #at: number;
  readonly #listeners = new Set<() => void>();

  constructor(at: number) {
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  /** Moves it to a later time; a time that is not later changes nothing. */
  extend(at: number): void {
    if (at <= this.#at) return;
    this.#at = at;
    for (const listener of this.#listeners) listener();
  }

  /** Has every move heard, until the function that it returns is called. */
  hear(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
