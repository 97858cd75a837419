import type { Priority } from "../../contract/priority.ts";

/** Whose work it is. */
export interface Turn {
  readonly tenant: string;
  readonly priority: Priority;
}

/** How much each tenant has under way. */
type Counts = ReadonlyMap<string, number>;

const RANKS: Readonly<Record<Priority, number>> = { interactive: 0, normal: 1, economy: 2 };

/**
 * Whose turn is next, of those that wait in the order in which they came: of the highest priority, and among these
 * of the tenant that has the least under way. A tenant that comes with many does not hold up one that comes with few.
 */
export const pickNext = <T extends Turn>([first, ...others]: readonly T[], running: Counts): T | undefined =>
  first && others.reduce((best, each) => (goesBefore(each, best, running) ? each : best), first);

function goesBefore(one: Turn, other: Turn, running: Counts): boolean {
  const ahead = RANKS[other.priority] - RANKS[one.priority];
  if (ahead !== 0) return ahead > 0;
  return (running.get(one.tenant) ?? 0) < (running.get(other.tenant) ?? 0);
}

/**
 * Who has to leave a full line for one that comes; undefined where that has to go. It is the latest of the lowest
 * priority, where that is lower than the newcomer's; or the latest of the tenant that has the most of them, where
 * the newcomer's has at least two fewer.
 */
export function pickOut<T extends Turn>(waiting: readonly T[], newcomer: Turn): T | undefined {
  const lowest = Math.max(...waiting.map(({ priority }) => RANKS[priority]));
  const own = RANKS[newcomer.priority];
  if (waiting.length === 0 || lowest < own) return undefined;
  const last = waiting.filter(({ priority }) => RANKS[priority] === lowest);
  const counts = new Map<string, number>();
  for (const { tenant } of last) counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
  const most = Math.max(...counts.values());
  if (lowest === own && (counts.get(newcomer.tenant) ?? 0) > most - 2) return undefined;
  return last.findLast(({ tenant }) => counts.get(tenant) === most);
}

const SHORTEST_MS = 1000;
const LONGEST_MS = 300_000;

/**
 * How long until whoever comes back has a turn, in milliseconds: the line's length in the time that a call takes,
 * so many at once. Within a second and five minutes.
 */
export const lineMs = (line: {
  readonly waiting: number;
  readonly limit: number;
  /** How long a call takes of late, in milliseconds. */
  readonly callMs: number;
}): number =>
  Math.min(LONGEST_MS, Math.max(SHORTEST_MS, Math.ceil(((line.waiting + 1) * line.callMs) / line.limit)));
