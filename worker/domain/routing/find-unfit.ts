import type { Target } from "./catalog.ts";
import type { Condition, Verdict } from "./condition.ts";
import { ConditionFacts } from "./condition-facts.ts";
import { findContextWindow, findTooSmall } from "./context-window.ts";
import type { Planning } from "./planning.ts";
import { tellOut } from "./tell-out.ts";

/** Why a target is not for a request. */
export interface Unfit {
  readonly why: string;
  /** The condition that is not true, as the config has it. */
  readonly condition?: string;
}

/**
 * Finds the targets of a route that a request is not for: those that do not offer its task, that are out of use,
 * whose conditions are not true, or for whose context windows it is clearly too long where another's has room.
 * Where there are none, and no conditions, nothing is made for them.
 */
export function findUnfit(planning: Planning): ReadonlyMap<Target, Unfit> {
  const { targets } = planning.route;
  const unfit = targets.some((target) => isInDoubt(target, planning)) ? judgeTargets(planning) : undefined;
  const left = unfit ? targets.filter((target) => !unfit.has(target)) : targets;
  const tooSmall = findTooSmall(left, planning);
  if (!unfit && tooSmall.size === 0) return NONE;
  const windows = [...tooSmall].map(([target, tokens]) => [target, { why: tellWindow(tokens) }] as const);
  return new Map([...(unfit ?? []), ...windows]);
}

const NONE: ReadonlyMap<Target, Unfit> = new Map();

const isInDoubt = (target: Target, planning: Planning): boolean =>
  target.conditions.length > 0 || tellOut(target, planning) !== undefined;

function judgeTargets(planning: Planning): Map<Target, Unfit> {
  const judge = createJudge(planning);
  const unfit = new Map<Target, Unfit>();
  for (const target of planning.route.targets) {
    const why = tellOut(target, planning);
    const reason = why === undefined ? judge(target) : { why };
    if (reason) unfit.set(target, reason);
  }
  return unfit;
}

/** Asks targets' conditions in their order; one that several targets have, as that of a route, is asked once. */
function createJudge(planning: Planning): (target: Target) => Unfit | undefined {
  const verdicts = new Map<Condition, Verdict>();
  const facts = new ConditionFacts(planning);
  return (target) => {
    facts.readWindow = () => findContextWindow(target);
    for (const condition of target.conditions) {
      const verdict = verdicts.get(condition) ?? condition.judge(facts);
      verdicts.set(condition, verdict);
      if (!verdict.isTrue) return { why: tellVerdict(verdict), condition: condition.text };
    }
    return undefined;
  };
}

const tellVerdict = ({ error }: Verdict): string =>
  error === undefined ? "its condition is not true" : `its condition could not be told: ${error}`;

const tellWindow = (tokens: number): string => `the request is too long for its window of ${tokens} tokens`;
