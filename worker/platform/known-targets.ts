import type { Target } from "../domain/routing/catalog.ts";

/** The most that are known; past it, the oldest is forgotten. */
const MAX_KNOWN = 1000;

type Named = Pick<Target, "provider" | "model">;

/** Targets of which something was learned. Of the isolate: another learns it anew. */
export class KnownTargets {
  readonly #known = new Set<string>();

  add(target: Named): void {
    const [oldest] = this.#known;
    if (this.#known.size >= MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    this.#known.add(nameOf(target));
  }

  has(target: Named): boolean {
    return this.#known.has(nameOf(target));
  }

  delete(target: Named): void {
    this.#known.delete(nameOf(target));
  }
}

const nameOf = ({ provider, model }: Named): string => `${provider}/${model}`;
