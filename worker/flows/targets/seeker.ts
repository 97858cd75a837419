import type { GatewayError } from "../../contract/errors.ts";
import type { AttemptReport } from "../../contract/jobs/run-report.ts";
import { isLate } from "../../domain/resilience/first-token.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import { type Plan, refuseEmpty } from "../../domain/routing/plan-targets.ts";
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
export interface Timed {
  readonly deadline: { readonly at: number };
}

export type Times = Pick<AttemptReport, "startedAt" | "endedAt">;

/** Calls of an attempt before its last, with other keys; an answer may tell of them. */
type Rotated = Pick<UpstreamFailure, "rotated">;

/** What an attempt's report says that was given up, for another call had answered. */
const LOST = "hedge_lost";

/** The attempts made for one member so far, and its answer, where there is one. */
export class Seeker<M extends Timed, A> {
  readonly member: M;
  readonly #tries: AttemptReport[] = [];
  /** The latest failure of each target. */
  readonly #failures = new Map<Target, UpstreamFailure>();
  #last: UpstreamFailure | undefined;
  #followed: Followed<A> | undefined;

  constructor(member: M) {
    this.member = member;
  }

  isOpen(now: number): boolean {
    return !this.#followed && this.#last?.tryNext !== false && now < this.member.deadline.at;
  }

  /** How the latest attempt failed; undefined where there is an answer, or there was no attempt. */
  get failure(): UpstreamFailure | undefined {
    return this.#followed ? undefined : this.#last;
  }

  /** Whether the target was given up only because its first token was late. */
  wasLate(target: Target): boolean {
    const failure = this.#failures.get(target);
    return failure !== undefined && isLate(failure.error);
  }

  note(target: Target, result: Result<A, UpstreamFailure>, times: Times): void {
    const told = { target: target.label, ...times };
    const { rotated = [] } = result.ok ? (result.value as Rotated) : result.error;
    for (const each of rotated) this.#tries.push({ target: target.label, ...each });
    if (result.ok) {
      this.#tries.push({ ...told, status: 200, error: null });
      this.#followed = { target, attempts: this.#tries, answer: result.value };
      return;
    }
    const { status = null, error } = result.error;
    if (error.uncalled !== true) this.#tries.push({ ...told, status, error: error.code });
    this.#failures.set(target, result.error);
    this.#last = result.error;
  }

  /** Notes an attempt that was given up, for another one has answered. */
  noteLost(target: Target, times: Times): void {
    this.#tries.push({ target: target.label, ...times, status: null, error: LOST });
  }

  conclude(plan: Plan, isGivenUp: boolean): Result<Followed<A>, FailedPlan> {
    const { targets } = plan;
    if (this.#followed) return ok(this.#followed);
    const tried = { attempts: this.#tries.length, tries: this.#tries };
    const last = this.#last;
    if (last?.tryNext === false) return err({ ...last.error, ...tried });
    if (targets.length === 0) return err(refuseEmpty(plan));
    if (isGivenUp) return err({ code: "client_closed", ...tried });
    const late = this.#failures.size < targets.length || last?.error.code === "deadline_exceeded";
    if (late) return err({ code: "deadline_exceeded", tries: this.#tries });
    return err({ ...summariseFailures([...this.#failures.values()]), ...tried });
  }
}
