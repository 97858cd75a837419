import { type BudgetRule, CallBudget } from "../domain/resilience/call-budget.ts";

/** The most budgets that are kept; past it, the oldest is forgotten. */
const MAX_BUDGETS = 1000;

/** Budgets of extra calls by name, of the isolate: each isolate has its own share of them. */
export class CallBudgets {
  readonly #budgets = new Map<string, CallBudget>();

  /** The budget of that name, which begins by this rule where there is none. */
  of(name: string, rule: BudgetRule, now: number): CallBudget {
    const known = this.#budgets.get(name);
    if (known) return known;
    const [oldest] = this.#budgets.keys();
    if (this.#budgets.size >= MAX_BUDGETS && oldest !== undefined) this.#budgets.delete(oldest);
    const budget = new CallBudget(rule, now);
    this.#budgets.set(name, budget);
    return budget;
  }
}
