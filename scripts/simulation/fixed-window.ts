import type {
  Group,
  RequestWindow,
  Dispatch,
  Entry,
} from "../../durable-objects/request-window/request-window-state.ts";

export interface FixedWindowOptions {
  readonly windowMs: number;
  readonly maxItems: number;
  readonly slots: number;
}

/**
 * A window as it is usually made, for comparison: the first request opens it, it closes after `windowMs` or
 * at `maxItems`, and its requests are sent when a slot is free. It refuses no request on arrival; one whose
 * deadline passes before it is sent is dropped. Entries are of one item.
 */
export class FixedWindow implements Pick<RequestWindow, "arrive" | "dispatch" | "settle"> {
  readonly #options: FixedWindowOptions;
  #open: Entry[] = [];
  #closesAt = Infinity;
  readonly #closed: (readonly Entry[])[] = [];
  #groups = 0;
  #calls = 0;

  constructor(options: FixedWindowOptions) {
    this.#options = options;
  }

  arrive(entry: Entry, now: number): "admitted" {
    if (this.#open.length === 0) this.#closesAt = now + this.#options.windowMs;
    this.#open.push(entry);
    if (this.#open.length === this.#options.maxItems) this.#close();
    return "admitted";
  }

  dispatch(now: number): Dispatch {
    if (this.#closesAt <= now) this.#close();
    const groups: Group[] = [];
    const expired: Entry[] = [];
    while (this.#calls < this.#options.slots) {
      const closed = this.#closed.shift();
      if (!closed) break;
      const entries = closed.filter(({ deadlineAt }) => deadlineAt > now);
      expired.push(...closed.filter(({ deadlineAt }) => deadlineAt <= now));
      if (entries.length > 0) groups.push(this.#start(entries, now));
    }
    return { groups, expired, wakeAt: this.#closesAt === Infinity ? null : this.#closesAt };
  }

  settle(): void {
    this.#calls--;
  }

  #close(): void {
    this.#closed.push(this.#open);
    this.#open = [];
    this.#closesAt = Infinity;
  }

  #start(entries: readonly Entry[], now: number): Group {
    this.#calls++;
    return { id: String(++this.#groups), entries, items: entries.length, startedAt: now };
  }
}
