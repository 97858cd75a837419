import { type CallBudget, RETRIES } from "../../domain/resilience/call-budget.ts";
import { type FailedAttempt, repeatDelayMs } from "../../domain/resilience/repeat-delay.ts";
import type { Route, Target } from "../../domain/routing/catalog.ts";
import type { Services } from "../services.ts";

/** When a target is asked again; every repeat is taken from the target's budget, a queue's as well as these. */
export interface Repeats {
  /** Counts a call. How many milliseconds to wait where it is a repeat itself, and there is none to spare. */
  begin(target: Target): number | undefined;
  /** How many milliseconds to wait before the target is asked again; undefined where it is not. */
  again(failed: Failed): number | undefined;
  /** Gives a repeat back that was answered. */
  answered(target: Target, tries: number): void;
  readonly sleep: Services["sleep"];
}

interface Failed extends Pick<FailedAttempt, "failure" | "tries" | "hasNext" | "leftMs"> {
  readonly target: Target;
}

interface RepeatRule {
  /** Of a route with a window: a member's own part, for the window's call is repeated for all of them. */
  readonly route: Pick<Route, "retry" | "jobs"> & Partial<Pick<Route, "window">>;
  /** Absent for a request. A job's runs are repeated by its queue, and not in one run as well. */
  readonly run?: { readonly isRepeat: boolean } | undefined;
}

type Needs = Pick<Services, "budgets" | "now" | "random" | "sleep">;

/** The repeats that a request may make, or that a run of a job is. */
export function repeatsOf({ budgets, now, random, sleep }: Needs, { route, run }: RepeatRule): Repeats {
  const budgetOf = (target: Target): CallBudget =>
    budgets.of(`${target.provider}/${target.model}`, RETRIES, now());
  const most = run || route.window ? 1 : route.retry.attempts;
  return {
    begin(target) {
      if (route.window && !run) return undefined;
      const budget = budgetOf(target);
      if (run?.isRepeat !== true) budget.earn(now());
      else if (!budget.spend(now())) return 1000 / RETRIES.perSecond;
      return undefined;
    },
    again({ target, ...failed }) {
      const { onUnknownOutcome } = route.jobs;
      const delayMs = repeatDelayMs({ ...failed, most, onUnknownOutcome, roll: random() });
      return delayMs === undefined || !budgetOf(target).spend(now()) ? undefined : delayMs;
    },
    answered(target, tries) {
      if (tries > 1 || run?.isRepeat === true) budgetOf(target).refund(now());
    },
    sleep,
  };
}
