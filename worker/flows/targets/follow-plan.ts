import type { GatewayError } from "../../contract/errors.ts";
import type { AttemptReport } from "../../contract/jobs/run-report.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import type { Plan } from "../../domain/routing/plan-targets.ts";
import { summariseFailures, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";

/** An answer, the target that gave it, and every attempt that was made for it. */
export interface Followed<A> {
  readonly target: Target;
  /** Every attempt in order; the last one brought the answer. */
  readonly attempts: readonly AttemptReport[];
  readonly answer: A;
}

/** Why no target answered. */
export interface FailedPlan extends GatewayError {
  readonly tries?: readonly AttemptReport[];
}

/** Whoever is to be answered by some time, in milliseconds since the epoch. */
interface Timed {
  readonly deadline: { readonly at: number };
}

/** The members that are to be answered, one request or jobs that share a call, and how. */
export interface Following<M, A> {
  readonly plan: Plan;
  readonly members: readonly M[];
  /** Makes one attempt for these members; gives each its own result, in their order. */
  readonly attempt: (target: Target, members: readonly M[]) => Promise<readonly Result<A, UpstreamFailure>[]>;
  /** Aborts when no member waits for its answer any more. */
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/**
 * The only loop over targets. Tries a plan's targets in their order, each for those members that have no
 * answer yet and for which another target may do better, as the failure says (`tryNext`), and never past a
 * member's deadline. One end a member, in their order.
 */
export async function followPlan<M extends Timed, A>({
  plan,
  members,
  attempt,
  signal,
  now,
}: Following<M, A>): Promise<readonly Result<Followed<A>, FailedPlan>[]> {
  const seekers = members.map((member) => new Seeker<M, A>(member));
  for (const target of plan.targets) {
    const startedAt = now();
    const open = seekers.filter((seeker) => seeker.isOpen(startedAt));
    if (open.length === 0 || signal.aborted) break;
    const results = await attempt(
      target,
      open.map(({ member }) => member),
    );
    const endedAt = now();
    open.forEach((seeker, at) => seeker.note(target, results[at] ?? err(MISSING), { startedAt, endedAt }));
  }
  return seekers.map((seeker) => seeker.conclude(plan, signal.aborted));
}

const MISSING: UpstreamFailure = { error: { code: "internal_error" }, tryNext: true };

/** The attempts made for one member so far, and its answer, where there is one. */
class Seeker<M extends Timed, A> {
  readonly member: M;
  readonly #tries: AttemptReport[] = [];
  readonly #failures: UpstreamFailure[] = [];
  #followed: Followed<A> | undefined;

  constructor(member: M) {
    this.member = member;
  }

  isOpen(now: number): boolean {
    return !this.#followed && this.#failures.at(-1)?.tryNext !== false && now < this.member.deadline.at;
  }

  note(
    target: Target,
    result: Result<A, UpstreamFailure>,
    times: Pick<AttemptReport, "startedAt" | "endedAt">,
  ): void {
    const told = { target: target.label, ...times };
    if (result.ok) {
      this.#tries.push({ ...told, status: 200, error: null });
      this.#followed = { target, attempts: this.#tries, answer: result.value };
      return;
    }
    const { status = null, error } = result.error;
    if (error.uncalled !== true) this.#tries.push({ ...told, status, error: error.code });
    this.#failures.push(result.error);
  }

  conclude({ targets }: Plan, isGivenUp: boolean): Result<Followed<A>, FailedPlan> {
    if (this.#followed) return ok(this.#followed);
    const tried = { attempts: this.#tries.length, tries: this.#tries };
    const last = this.#failures.at(-1);
    if (last?.tryNext === false) return err({ ...last.error, ...tried });
    if (targets.length === 0) return err({ code: "not_configured" });
    if (isGivenUp) return err({ code: "client_closed", ...tried });
    const late = this.#failures.length < targets.length || last?.error.code === "deadline_exceeded";
    if (late) return err({ code: "deadline_exceeded", tries: this.#tries });
    return err({ ...summariseFailures(this.#failures), ...tried });
  }
}
