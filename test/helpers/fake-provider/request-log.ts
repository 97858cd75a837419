import type { ReceivedRequest, Stats } from "./protocol.ts";

/** Beyond this many the oldest records go, so that a long benchmark does not fill the memory. */
const CAPACITY = 10_000;

type Outcome = ReceivedRequest["outcome"];
type Entry = Omit<ReceivedRequest, "outcome" | "body" | "receivedBytes"> & {
  outcome: Outcome;
  body: unknown;
  receivedBytes?: number;
};
type Arrival = Omit<ReceivedRequest, "id" | "outcome">;

interface OpenEntry {
  readonly id: number;
  readonly close: (outcome: Exclude<Outcome, "open">) => void;
  /** Records how much of a form has arrived, and in the end what it holds. */
  readonly receive: (sizeBytes: number, body: unknown) => void;
}

/** What was received since the last reset, and how each request ended. */
export class RequestLog {
  #entries = new Map<number, Entry>();
  #ended = { finished: 0, aborted: 0, broken: 0 };
  #byModel: Record<string, number> = {};
  #received = 0;
  #maxInFlight = 0;

  get #inFlight(): number {
    return this.#received - this.#ended.finished - this.#ended.aborted - this.#ended.broken;
  }

  /** Records an arrival. The function it gives records the end, and does nothing after a reset. */
  open(arrival: Arrival, model: unknown): OpenEntry {
    const entry: Entry = { ...arrival, id: (this.#received += 1), outcome: "open" };
    this.#keep(entry);
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight);
    if (typeof model === "string") this.#byModel[model] = (this.#byModel[model] ?? 0) + 1;
    const ended = this.#ended;
    const close = (outcome: Exclude<Outcome, "open">): void => {
      entry.outcome = outcome;
      ended[outcome] += 1;
    };
    const receive = (sizeBytes: number, body: unknown): void => {
      Object.assign(entry, { receivedBytes: sizeBytes, body });
    };
    return { id: entry.id, close, receive };
  }

  list(): readonly ReceivedRequest[] {
    return [...this.#entries.values()];
  }

  stats(waiting: number): Stats {
    return {
      received: this.#received,
      ...this.#ended,
      inFlight: this.#inFlight,
      maxInFlight: this.#maxInFlight,
      waiting,
      byModel: this.#byModel,
    };
  }

  clear(): void {
    this.#entries = new Map();
    this.#ended = { finished: 0, aborted: 0, broken: 0 };
    this.#byModel = {};
    this.#received = 0;
    this.#maxInFlight = 0;
  }

  #keep(entry: Entry): void {
    this.#entries.set(entry.id, entry);
    if (this.#entries.size <= CAPACITY) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
