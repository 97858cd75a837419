/** Holds requests until a test lets them go, the oldest first. */
export class Gate {
  readonly #waiting = new Set<() => void>();

  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves on release, or when the client leaves. */
  wait(closed: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const leave = (): void => {
      this.#waiting.delete(leave);
      closed.removeEventListener("abort", leave);
      resolve();
    };
    this.#waiting.add(leave);
    closed.addEventListener("abort", leave);
    return promise;
  }

  /** Lets the oldest `count` go; gives how many there were. */
  release(count: number = this.#waiting.size): number {
    const leaving = [...this.#waiting].slice(0, count);
    for (const leave of leaving) leave();
    return leaving.length;
  }
}
