import type { ConcurrencyRule } from "../contract/config/concurrency.ts";
import { SlotLine } from "./slot-line.ts";

/** The most limits that are kept; past it, the oldest that nobody uses is forgotten. */
const MAX_LINES = 1000;

/** The limits of targets on how many calls run at once. Of the isolate: each has its own. */
export class TargetSlots {
  readonly #lines = new Map<string, SlotLine>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The line of what has this name, under this rule. */
  of(name: string, rule: ConcurrencyRule): SlotLine {
    const known = this.#lines.get(name);
    known?.follow(rule);
    return known ?? this.#open(name, rule);
  }

  #open(name: string, rule: ConcurrencyRule): SlotLine {
    if (this.#lines.size >= MAX_LINES) {
      const idle = [...this.#lines].find(([, line]) => line.isIdle);
      if (idle) this.#lines.delete(idle[0]);
    }
    const line = new SlotLine(rule, this.#now);
    this.#lines.set(name, line);
    return line;
  }
}
