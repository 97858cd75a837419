/** The most that is remembered; past it, the oldest is forgotten. */
const MAX_LEARNED = 1000;

/**
 * What targets have refused that the gateway itself had added to a request, so that it is not sent to them
 * again. Of the isolate: another learns it anew, by one call more.
 */
export class LearnedRefusals {
  readonly #refused = new Set<string>();

  add(target: string): void {
    const [oldest] = this.#refused;
    if (this.#refused.size >= MAX_LEARNED && oldest !== undefined) this.#refused.delete(oldest);
    this.#refused.add(target);
  }

  has(target: string): boolean {
    return this.#refused.has(target);
  }
}
