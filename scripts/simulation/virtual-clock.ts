interface Event {
  readonly at: number;
  /** Events of the same time happen in the order they were asked for. */
  readonly order: number;
  readonly action: () => void;
}

/** A clock that moves only from event to event: milliseconds from 0, and a binary heap of the events. */
export class VirtualClock {
  #now = 0;
  #asked = 0;
  readonly #heap: Event[] = [];

  get now(): number {
    return this.#now;
  }

  /** Does something at a time; at once where that has passed. */
  at(time: number, action: () => void): void {
    const event = { at: Math.max(time, this.#now), order: this.#asked++, action };
    let place = this.#heap.push(event) - 1;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (!this.#before(place, parent)) break;
      this.#swap(place, parent);
      place = parent;
    }
  }

  /** Runs until no event is left. */
  run(): void {
    for (let next = this.#pop(); next; next = this.#pop()) {
      this.#now = next.at;
      next.action();
    }
  }

  /** The same where promises wait for events: what follows from one has happened before the next. */
  async settle(): Promise<void> {
    for (let next = this.#pop(); next; next = this.#pop()) {
      this.#now = next.at;
      next.action();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Resolves after so many milliseconds, or when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.at(this.#now + ms, resolve);
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #pop(): Event | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last === undefined || first === last) return first;
    this.#heap[0] = last;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const child = left + 1 < this.#heap.length && this.#before(left + 1, left) ? left + 1 : left;
      if (child >= this.#heap.length || !this.#before(child, place)) return first;
      this.#swap(child, place);
      place = child;
    }
  }

  #before(place: number, other: number): boolean {
    const [a, b] = [this.#heap[place], this.#heap[other]];
    if (!a || !b) return false;
    return a.at === b.at ? a.order < b.order : a.at < b.at;
  }

  #swap(place: number, other: number): void {
    const [a, b] = [this.#heap[place], this.#heap[other]];
    if (a && b) [this.#heap[place], this.#heap[other]] = [b, a];
  }
}
