import { Flight } from "./flight.ts";
import { HeldBytes } from "../domain/answers/held-bytes.ts";

/** Past this many calls at once, those who have most give way: their oldest goes on, and is shared no more. */
const MAX_FLIGHTS = 1000;

/** The isolate's calls in progress, by cache key, which has the tenant in it. */
export class Flights<Head> {
  readonly #now: () => number;
  readonly #held: HeldBytes;
  readonly #flights = new Map<string, Shared<Head>>();
  /** The keys of each tenant, the oldest first. */
  readonly #keys = new Map<string, Set<string>>();

  constructor(now: () => number, held = new HeldBytes(now)) {
    this.#now = now;
    this.#held = held;
  }

  /** The flight to join, if there is one whose leading request still runs, and that holds all of its answer. */
  get(key: string): Flight<Head> | undefined {
    const flight = this.#flights.get(key)?.flight;
    return flight?.lives() === true && flight.isWhole ? flight : undefined;
  }

  /**
   * Opens a tenant's flight under a key; it replaces one whose leading request was stopped, or that may not be
   * joined.
   */
  open(key: string, tenant: string): Flight<Head> {
    const flight = new Flight<Head>({ now: this.#now, hold: (letGo) => this.#held.open(tenant, letGo) });
    if (this.#flights.size >= MAX_FLIGHTS) this.#dropDead();
    if (this.#flights.size >= MAX_FLIGHTS) this.#dropOldest();
    this.#delete(key);
    this.#flights.set(key, { flight, tenant });
    this.#keys.set(tenant, (this.#keys.get(tenant) ?? new Set()).add(key));
    return flight;
  }

  close(key: string, flight: Flight<Head>): void {
    if (this.#flights.get(key)?.flight === flight) this.#delete(key);
  }

  #delete(key: string): void {
    const tenant = this.#flights.get(key)?.tenant ?? "";
    const keys = this.#keys.get(tenant);
    this.#flights.delete(key);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(tenant);
  }

  #dropDead(): void {
    for (const [key, { flight }] of this.#flights) if (!flight.lives()) this.#delete(key);
  }

  /** Of the tenant that has most. */
  #dropOldest(): void {
    const [most] = [...this.#keys.values()].toSorted((one, other) => other.size - one.size);
    for (const oldest of most ?? []) return this.#delete(oldest);
  }
}

interface Shared<Head> {
  readonly flight: Flight<Head>;
  readonly tenant: string;
}
