import { NO_HISTORY, type RouteHistory } from "../domain/cache/kv-admission.ts";

/** Past this many routes (direct models count), the oldest is forgotten. */
const MAX_ROUTES = 1000;

/** Look-ups, hits and mean cost of each route, in this isolate. */
export class RouteHistories {
  readonly #histories = new Map<string, RouteHistory>();

  get(route: string): RouteHistory {
    return this.#histories.get(route) ?? NO_HISTORY;
  }

  update(route: string, change: (history: RouteHistory) => RouteHistory): void {
    const history = change(this.get(route));
    this.#histories.set(route, history);
    const oldest = this.#histories.keys().next();
    if (this.#histories.size > MAX_ROUTES && !oldest.done) this.#histories.delete(oldest.value);
  }
}
