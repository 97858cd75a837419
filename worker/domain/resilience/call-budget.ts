/** How many extra calls are allowed: retries and hedges come on top of the calls that requests ask for. */
export interface BudgetRule {
  /** Extra calls a call: 0.2 allows one in five. */
  readonly share: number;
  /** Extra calls a second besides, for when there are few calls. */
  readonly perSecond: number;
  /** The most that is saved up. */
  readonly most: number;
}

/**
 * Retries of one target. A fifth of the calls and three a second, as in Finagle's RetryBudget (which has ten a
 * second): a target that is down gets at most 1.2 times the calls that are asked of it.
 */
export const RETRIES: BudgetRule = { share: 0.2, perSecond: 3, most: 100 };

/** Hedged calls of one route: that share of its calls, and no more. */
export const hedgesOf = (share: number): BudgetRule => ({ share, perSecond: 0, most: 10 });

/** A bucket of extra calls that fills as calls are made. Times are milliseconds since the epoch. */
export class CallBudget {
  readonly #rule: BudgetRule;
  #balance: number;
  #at: number;

  /** Begins with one second's worth, and one call at least. */
  constructor(rule: BudgetRule, now: number) {
    this.#rule = rule;
    this.#balance = Math.max(1, rule.perSecond);
    this.#at = now;
  }

  /** A call was made that was asked for. */
  earn(now: number): void {
    this.#add(this.#rule.share, now);
  }

  /** Takes an extra call; false where there is none to take. */
  spend(now: number): boolean {
    this.#add(0, now);
    if (this.#balance < 1) return false;
    this.#balance -= 1;
    return true;
  }

  /** Gives an extra call back whose call was answered: what is well again is not held up by what it was before. */
  refund(now: number): void {
    this.#add(1, now);
  }

  #add(calls: number, now: number): void {
    const { perSecond, most } = this.#rule;
    const waited = Math.max(0, now - this.#at) / 1000;
    this.#at = Math.max(this.#at, now);
    this.#balance = Math.min(most, this.#balance + calls + waited * perSecond);
  }
}
