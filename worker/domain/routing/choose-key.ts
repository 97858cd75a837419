import { err, ok, type Result } from "../result.ts";
import { isResting, type KeyRest } from "../resilience/key-rest.ts";

/** A key, and whether it rests. */
export interface KeyState<K> {
  readonly key: K;
  readonly rest: KeyRest | undefined;
  /** Whether this request has tried it. */
  readonly isTried: boolean;
}

/** That no key is left to try. */
export interface NoKey {
  /** Some are only at their rate limits. */
  readonly isLimited: boolean;
  /** How long until the first of these may be used, where the provider has said so. */
  readonly retryAfterMs: number | undefined;
}

interface Choosing<K> {
  readonly now: number;
  /** In (0, 1]. */
  readonly roll: number;
  /** What a request would rather use, the higher the better; the roll decides where absent. */
  readonly rank?: ((key: K) => number) | undefined;
}

/**
 * Which of a provider's keys a call uses: any that does not rest, by the roll, so that all of them have their share;
 * or of these the one that ranks highest, for what the provider keeps of a prompt may be kept for the key.
 * Where all rest, the one whose rest is over first is tried all the same, once a request: for what gets keys refused
 * may be the request, or over. Not so where the provider has said when to come back.
 */
export function chooseKey<K>(
  states: readonly KeyState<K>[],
  { now, roll, rank }: Choosing<K>,
): Result<K, NoKey> {
  const free = states.filter(({ rest, isTried }) => !isTried && !isResting(rest, now));
  const chosen = rank
    ? free.toSorted((one, other) => rank(other.key) - rank(one.key))[0]
    : free[Math.ceil(roll * free.length) - 1];
  if (chosen) return ok(chosen.key);
  const resting = states.filter(({ rest }) => rest && now < rest.until);
  const limited = resting.filter(({ rest }) => rest?.why === "limited");
  const waits = limited.flatMap(({ rest }) => (rest?.isTold === true ? rest.until - now : []));
  const soonest = findSoonest(states);
  if (soonest && waits.length === 0 && !states.some(({ isTried }) => isTried)) return ok(soonest.key);
  return err({
    isLimited: limited.length > 0,
    retryAfterMs: waits.length > 0 ? Math.min(...waits) : undefined,
  });
}

const findSoonest = <K>([first, ...others]: readonly KeyState<K>[]): KeyState<K> | undefined =>
  first && others.reduce((best, each) => (overAt(each) < overAt(best) ? each : best), first);

const overAt = ({ rest }: KeyState<unknown>): number => rest?.until ?? 0;
