import { err, type Result } from "../../domain/result.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import type { Plan } from "../../domain/routing/plan-targets.ts";
import { failPaused, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import { type Hedge, raceTargets } from "./race-targets.ts";
import type { Repeats } from "./repeats.ts";
import { type FailedPlan, type Followed, Seeker, type Timed } from "./seeker.ts";

/** The members that are to be answered, one request or jobs that share a call, and how. */
export interface Following<M, A> {
  readonly plan: Plan;
  readonly members: readonly M[];
  /**
   * Makes one attempt for these members, until the signal aborts; gives each its own result, in their order.
   */
  readonly attempt: (
    target: Target,
    members: readonly M[],
    signal: AbortSignal,
  ) => Promise<readonly Result<A, UpstreamFailure>[]>;
  /** Aborts when no member waits for its answer any more. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** When a target is asked again; absent where each is asked once. */
  readonly repeats?: Repeats;
  /** When a second target is asked beside the first, for a lone request; absent where none is. */
  readonly hedge?: Hedge<A> | undefined;
}

/**
 * The only loop over targets. Tries a plan's targets in their order, each for those members that have no
 * answer yet and for which another target may do better, as the failure says (`tryNext`), and never past a
 * member's deadline. One that was only late to begin is asked once more where no other has answered, for slow is
 * better than nothing; and so are those asked whose breakers are open, as far as these let a call through. One end a
 * member, in their order.
 */
export async function followPlan<M extends Timed, A>(
  following: Following<M, A>,
): Promise<readonly Result<Followed<A>, FailedPlan>[]> {
  const { plan, members, signal } = following;
  const seekers = members.map((member) => new Seeker<M, A>(member));
  const course = { ...following, seekers };
  for (let tried = 0; tried < plan.targets.length && isUnderWay(course);) {
    tried += await tryTarget(course, plan.targets.slice(tried));
  }
  const late = plan.targets.find((target) => seekers.some((seeker) => seeker.wasLate(target)));
  if (late && isUnderWay(course)) await attemptOnce(course, late);
  for (const target of plan.lastResort ?? [])
    if (isUnderWay(course)) await attemptOnce(course, target, { leavesOut: isUncalled });
  return seekers.map((seeker) => seeker.conclude(plan, signal.aborted));
}

interface Course<M extends Timed, A> extends Following<M, A> {
  readonly seekers: readonly Seeker<M, A>[];
}

const isUnderWay = <M extends Timed, A>({ seekers, signal, now }: Course<M, A>): boolean =>
  !signal.aborted && seekers.some((seeker) => seeker.isOpen(now()));

/**
 * Tries the first of these targets, again where that may help. How many of them were tried: a call that is hedged
 * takes the next one, too, and is not repeated.
 */
async function tryTarget<M extends Timed, A>(
  course: Course<M, A>,
  [target, ...others]: readonly Target[],
): Promise<number> {
  const { seekers, repeats, hedge } = course;
  const [seeker] = seekers;
  if (!target || !seeker) return 1;
  const waitMs = repeats?.begin(target);
  if (waitMs !== undefined) return refuse(course, failPaused(target.label, waitMs), target);
  const [next = target] = others;
  if (hedge && (await raceTargets(raceOf(course, hedge, seeker, [target, next])))) return 2;
  if (!hedge) await attemptOnce(course, target);
  for (let tries = 1; await mayRepeat(course, { target, tries, hasNext: others.length > 0 }); tries++) {
    await attemptOnce(course, target);
  }
  return 1;
}

interface Tried {
  readonly target: Target;
  readonly tries: number;
  readonly hasNext: boolean;
}

/** Waits until the target may be asked again; false where it is not to be. */
async function mayRepeat<M extends Timed, A>(course: Course<M, A>, tried: Tried): Promise<boolean> {
  const { seekers, repeats, signal, now } = course;
  const [seeker] = seekers;
  if (!repeats || !seeker) return false;
  const { failure } = seeker;
  if (!failure) repeats.answered(tried.target, tried.tries);
  const leftMs = seeker.member.deadline.at - now();
  const delayMs = failure && repeats.again({ ...tried, failure, leftMs });
  if (delayMs === undefined) return false;
  await repeats.sleep(delayMs, signal);
  return isUnderWay(course);
}

function refuse<M extends Timed, A>(course: Course<M, A>, refused: UpstreamFailure, target: Target): 1 {
  const at = course.now();
  const open = course.seekers.filter((seeker) => seeker.isOpen(at));
  for (const seeker of open) seeker.note(target, err(refused), { startedAt: at, endedAt: at });
  return 1;
}

/** A target that refuses because its breaker is open is no reason for a plan's failure that had it left out. */
const isUncalled = (result: Result<unknown, UpstreamFailure>): boolean =>
  !result.ok && result.error.error.uncalled === true;

const NOTHING = { leavesOut: () => false };

async function attemptOnce<M extends Timed, A>(
  course: Course<M, A>,
  target: Target,
  { leavesOut }: { readonly leavesOut: typeof isUncalled } = NOTHING,
): Promise<void> {
  const { seekers, attempt, signal, now } = course;
  const startedAt = now();
  const open = seekers.filter((seeker) => seeker.isOpen(startedAt));
  const results = await attempt(
    target,
    open.map(({ member }) => member),
    signal,
  );
  const endedAt = now();
  for (const [at, seeker] of open.entries()) {
    const result = results[at] ?? err(MISSING);
    if (!leavesOut(result)) seeker.note(target, result, { startedAt, endedAt });
  }
}

const raceOf = <M extends Timed, A>(
  { attempt, signal, now }: Course<M, A>,
  hedge: Hedge<A>,
  seeker: Seeker<M, A>,
  targets: readonly [Target, Target],
) => ({
  hedge,
  seeker,
  targets,
  signal,
  now,
  attempt: async (target: Target, until: AbortSignal) => {
    const [result] = await attempt(target, [seeker.member], until);
    return result ?? err(MISSING);
  },
});

const MISSING: UpstreamFailure = { error: { code: "internal_error" }, tryNext: true };
