/** An estimate of how long a target's calls take by their number of items; pure. */

/** How many calls back the fit looks. */
const WINDOW = 50;
/** Below this many calls, the fit would be mostly noise. */
const MIN_CALLS = 5;

/**
 * The line a + b·n through the last 50 calls, by least squares: a is the time of any call, b what each item
 * adds. Neither may be below 0, which only noise could cause.
 */
export class ServiceTime {
  readonly #calls: { readonly items: number; readonly ms: number }[] = [];
  #a = 0;
  #b = 0;

  add(items: number, ms: number): void {
    this.#calls.push({ items, ms });
    if (this.#calls.length > WINDOW) this.#calls.shift();
    this.#fit();
  }

  /** How long a call of `items` would take, in milliseconds; undefined while too little is known. */
  predict(items: number): number | undefined {
    return this.#calls.length < MIN_CALLS ? undefined : this.#a + this.#b * items;
  }

  #fit(): void {
    const count = this.#calls.length;
    const meanItems = this.#calls.reduce((sum, { items }) => sum + items, 0) / count;
    const meanMs = this.#calls.reduce((sum, { ms }) => sum + ms, 0) / count;
    let spread = 0;
    let shared = 0;
    for (const { items, ms } of this.#calls) {
      spread += (items - meanItems) ** 2;
      shared += (items - meanItems) * (ms - meanMs);
    }
    const slope = spread === 0 ? 0 : Math.max(0, shared / spread);
    this.#b = Math.min(slope, meanMs / meanItems);
    this.#a = meanMs - this.#b * meanItems;
  }
}
