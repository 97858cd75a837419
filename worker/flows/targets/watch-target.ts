import type { GatewayError } from "../../contract/errors.ts";
import { RUN_MARGIN_MS } from "../../domain/jobs/retry-delay.ts";
import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import type { Settlement } from "../../domain/money/settle.ts";
import type { HealthView, NamedTarget } from "../../domain/resilience/health-view.ts";
import type { Result } from "../../domain/result.ts";
import { failPaused, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { Entry } from "../../platform/target-health.ts";
import type { Services } from "../services.ts";

/** One attempt, as far as its target's breaker goes. */
export interface Watched {
  readonly target: NamedTarget & { readonly label: string; readonly breaker?: boolean | undefined };
  /** Whether somebody waits for it; else it may come back later. */
  readonly isAwaited: boolean;
  /** In milliseconds since the epoch. */
  readonly deadline: { readonly at: number };
  /** What its time counts for; undefined where that depends on the client as well. */
  readonly form: Parameters<HealthView["latency"]>[1] | undefined;
}

/** What the calls of an attempt have to do with its target's breaker. */
export type CallWatch = Pick<TargetWatch, "enter" | "fail">;

/**
 * Keeps one attempt from a target whose breaker is open, and tells what it learns of it. Work that nobody waits for
 * comes back later, but where this is its last chance.
 */
export class TargetWatch {
  readonly #health: Services["health"];
  readonly #now: () => number;
  readonly #of: Watched;
  #startedAt: number;
  #hasEntered = false;
  #hasFailed = false;
  #isTrial = false;

  constructor({ health, now }: Pick<Services, "health" | "now">, of: Watched) {
    this.#health = health;
    this.#now = now;
    this.#of = of;
    this.#startedAt = now();
  }

  /**
   * Why the target is not to be called; undefined where it may be. Work that waits for its turn asks before, too:
   * behind calls that hang that takes long.
   */
  begin(): UpstreamFailure | undefined {
    const { target, isAwaited } = this.#of;
    return isAwaited ? this.enter() : this.#refuse(this.#health.find(target, this.#now()));
  }

  /** The same when the turn has come. An attempt that may call once may call again: it may take several calls. */
  enter(): UpstreamFailure | undefined {
    if (this.#hasEntered) return undefined;
    const { target, isAwaited } = this.#of;
    this.#startedAt = this.#now();
    if (target.breaker === false) return undefined;
    const entry = this.#health.enter(target, this.#startedAt, isAwaited);
    const refused = this.#refuse(entry);
    this.#hasEntered = refused === undefined;
    this.#isTrial = entry.kind === "entered" && entry.isTrial;
    return refused;
  }

  /** Tells how a call failed, before the next has its turn; what fails twice counts once. */
  fail({ error, status }: UpstreamFailure): void {
    const { target } = this.#of;
    if (error.uncalled === true) return this.#isTrial ? this.#health.endTrial(target) : undefined;
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#hear(error, status);
  }

  /** Tells how the attempt has gone: an answer that still arrives counts when it has ended. */
  end(attempt: Result<AnswerBody, UpstreamFailure>): void {
    if (!attempt.ok) {
      if (GIVEN_UP.has(attempt.error.error.code)) this.#time(false);
      return this.fail(attempt.error);
    }
    this.#time(true);
    if (attempt.value.form === "json") return this.#hear(undefined);
    this.#health.hearBegin(this.#of.target, this.#describe());
    void attempt.value.settlement.then((settlement) => this.#settle(settlement));
  }

  #settle({ broken, complete }: Settlement): void {
    if (broken) this.fail({ error: broken, tryNext: false });
    else if (complete) this.#hear(undefined);
  }

  #hear(error: GatewayError | undefined, status?: number): void {
    const { target } = this.#of;
    if (target.breaker !== false) this.#health.hear(target, { ...this.#describe(), error, status });
  }

  #time(answered: boolean): void {
    const { target, form } = this.#of;
    if (form) this.#health.hearTime(target, form, { ...this.#describe(), answered });
  }

  #describe() {
    return { startedAt: this.#startedAt, endedAt: this.#now(), isTrial: this.#isTrial };
  }

  #refuse(entry: Entry | undefined): UpstreamFailure | undefined {
    if (entry?.kind !== "refused") return undefined;
    const { target, isAwaited, deadline } = this.#of;
    if (!isAwaited && deadline.at - this.#now() <= RUN_MARGIN_MS) return undefined;
    return failPaused(target.label, entry.waitMs, entry.code);
  }
}

/** Ends of calls that were waited for in vain. */
const GIVEN_UP: ReadonlySet<string> = new Set(["client_closed", "deadline_exceeded", "upstream_timeout"]);
