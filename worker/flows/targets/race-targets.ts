import type { Result } from "../../domain/result.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import type { UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { Seeker, Timed, Times } from "./seeker.ts";

/** When a second target is asked beside the first one. */
export interface Hedge<A> {
  /** After how many milliseconds of silence; undefined where not at all. */
  delayMs(target: Target): number | undefined;
  /** Takes a call from the route's budget; false where there is none. */
  spend(): boolean;
  /** Leaves an answer that came too late. */
  drop(answer: A): void;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

interface Race<M extends Timed, A> {
  readonly hedge: Hedge<A>;
  readonly seeker: Seeker<M, A>;
  readonly targets: readonly [Target, Target];
  /** Makes one attempt, until the signal aborts. */
  readonly attempt: (target: Target, signal: AbortSignal) => Promise<Result<A, UpstreamFailure>>;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/**
 * Asks the first of two targets, and the second as well where nothing of an answer comes from the first for too
 * long. The first answer counts; the other call is given up, and told with what it cost. Whether the second was
 * asked.
 */
export async function raceTargets<M extends Timed, A>(race: Race<M, A>): Promise<boolean> {
  const { hedge, seeker, targets } = race;
  const first = new Runner(race, targets[0]);
  const waited = new AbortController();
  const delayMs = hedge.delayMs(targets[0]);
  const silent =
    delayMs === undefined ? first.done : hedge.sleep(delayMs, waited.signal).then(() => undefined);
  const early = await Promise.race([first.done, silent]);
  waited.abort();
  if (early || !hedge.spend()) {
    (await first.done).note(seeker);
    return false;
  }
  const second = new Runner(race, targets[1]);
  const leader = await Promise.race([first.done, second.done]);
  const other = leader === first ? second : first;
  if (leader.isOver) other.giveUp(seeker);
  else leader.note(seeker);
  (leader.isOver ? leader : await other.done).note(seeker);
  return true;
}

/** One call of a race. */
class Runner<M extends Timed, A> {
  readonly done: Promise<this>;
  readonly #race: Race<M, A>;
  readonly #target: Target;
  readonly #stop = new AbortController();
  readonly #startedAt: number;
  #end: { readonly result: Result<A, UpstreamFailure>; readonly endedAt: number } | undefined;

  constructor(race: Race<M, A>, target: Target) {
    this.#race = race;
    this.#target = target;
    this.#startedAt = race.now();
    this.done = this.#run();
  }

  /** Whether there is no use in waiting for the other call. */
  get isOver(): boolean {
    const result = this.#end?.result;
    return result !== undefined && (result.ok || !result.error.tryNext);
  }

  note(seeker: Seeker<M, A>): void {
    if (this.#end) seeker.note(this.#target, this.#end.result, this.#times(this.#end.endedAt));
  }

  /** Ends the call; its answer is dropped, should it have come. */
  giveUp(seeker: Seeker<M, A>): void {
    this.#stop.abort();
    seeker.noteLost(this.#target, this.#times(this.#race.now()));
    void this.#drop();
  }

  async #drop(): Promise<void> {
    await this.done;
    if (this.#end?.result.ok) this.#race.hedge.drop(this.#end.result.value);
  }

  async #run(): Promise<this> {
    const { attempt, signal, now } = this.#race;
    const result = await attempt(this.#target, AbortSignal.any([signal, this.#stop.signal]));
    this.#end = { result, endedAt: now() };
    return this;
  }

  #times = (endedAt: number): Times => ({ startedAt: this.#startedAt, endedAt });
}
