import type { UnitAgain } from "./job-window-protocol.ts";

/** A job of a group that is to be run again. */
export interface MemberAgain {
  readonly id: string;
  /** How long the retry's rule has it wait, in milliseconds. */
  readonly waitMs: number;
  /** When that is over, in milliseconds since the epoch. */
  readonly retryAt: number;
  /** Its run made no call. */
  readonly postponed: boolean;
}

/** After so many failed runs together, jobs are run in halves: one of them may be what fails the call. */
const TRIES_TOGETHER = 2;

/**
 * How the jobs of a group are run again: together, but for those that have not the time to wait as long as the
 * others. Those that failed together again and again are halved, so that one job does not keep the others from
 * their answers for ever. Pure.
 */
export function groupAgain(members: readonly MemberAgain[], tries: number): readonly UnitAgain[] {
  const sorts = [true, false].map((postponed) => members.filter((member) => member.postponed === postponed));
  return sorts.flatMap((sort) => {
    const longestMs = Math.max(...sort.map(({ waitMs }) => waitMs));
    const [urgent, patient] = [
      sort.filter(({ waitMs }) => waitMs < longestMs),
      sort.filter(({ waitMs }) => waitMs === longestMs),
    ];
    return [urgent, patient].flatMap((unit) => halve(unit, tries)).map(buildUnit);
  });
}

function halve(unit: readonly MemberAgain[], tries: number): readonly (readonly MemberAgain[])[] {
  const [first] = unit;
  if (!first) return [];
  if (first.postponed || tries < TRIES_TOGETHER || unit.length === 1) return [unit];
  const middle = Math.ceil(unit.length / 2);
  return [unit.slice(0, middle), unit.slice(middle)];
}

const buildUnit = (unit: readonly MemberAgain[]): UnitAgain => ({
  ids: unit.map(({ id }) => id),
  notBefore: Math.min(...unit.map(({ retryAt }) => retryAt)),
  postponed: unit.every(({ postponed }) => postponed),
  untold: false,
});
