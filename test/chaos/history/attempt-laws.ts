import { hasEnded } from "./history.ts";
import { brief, type Law } from "./law.ts";
import { areInOrder, readEvents, type SeenEvent } from "./read-events.ts";

/** That what was done for a job is written down, and is no more than its route allows. */

/** What is written down about attempts is neither taken back nor rewritten. */
export const attemptsGrow: Law = ({ looks }) =>
  looks.flatMap((later) => {
    const earlier = looks.findLast(({ ended }) => ended < later.began);
    if (!earlier?.document || !later.document) return [];
    const [before, after] = [earlier.document.attempts, later.document.attempts];
    const kept = JSON.stringify(after.slice(0, before.length)) === JSON.stringify(before);
    return kept ? [] : [`${before.length} attempts became ${after.length} others`];
  });

export const attemptsBounded: Law = ({ last }, { maxAttempts }) =>
  last && last.attempts.length > maxAttempts
    ? [`${last.attempts.length} attempts, of ${maxAttempts} allowed`]
    : [];

/**
 * An attempt without an error is the one that answered: the last of a job that succeeded, or of one that was canceled
 * meanwhile, whose answer is dropped.
 */
export const attemptsTellFailures: Law = ({ last }) => {
  if (!hasEnded(last)) return [];
  const silent = last.attempts.flatMap(({ error }, n) => (error === null ? [n] : []));
  const answered = JSON.stringify([last.attempts.length - 1]);
  const told = JSON.stringify(silent);
  if (last.status !== "succeeded" && silent.length === 0) return [];
  if ((last.status === "succeeded" || last.status === "canceled") && told === answered) return [];
  return [`${last.status} with ${JSON.stringify(last.attempts.map(({ status, error }) => [status, error]))}`];
};

/**
 * Each call stands in the list of attempts, those of runs that died included; but for the call of a group which one
 * of its jobs has left by being canceled.
 */
export const callsWithinAttempts: Law = ({ order, last, calls }) => {
  if (!hasEnded(last)) return [];
  const left = order.shared && last.status === "canceled" ? 1 : 0;
  return calls > last.attempts.length + left ? [`${calls} calls in ${last.attempts.length} attempts`] : [];
};

/** A job's events tell of one beginning, no more runs than it may have, and one end, which is the last. */
export const eventsTellOneEnd: Law = ({ events, last }, { maxAttempts }) =>
  (hasEnded(last) ? events : []).flatMap(({ status, body }) => {
    const seen = status === 200 ? readEvents(body) : [];
    const types = seen.map(({ type }) => type);
    const runs = types.filter((type) => type === "job.started").length - countPutBack(seen, last);
    const well =
      areInOrder(seen) &&
      types.indexOf("job.queued") === 0 &&
      types.lastIndexOf("job.queued") === 0 &&
      types.findIndex((type) => ENDS.has(type)) === types.length - 1 &&
      types.at(-1) === `job.${last?.status}` &&
      runs <= maxAttempts;
    return well ? [] : [`${status} ${types.join(" ") || brief(body)}`];
  });

/** Runs that were put back without a call, for their target was left alone: none of those that a job may have. */
function countPutBack(seen: readonly SeenEvent[], last: Parameters<Law>[0]["last"]): number {
  const retried = (code: string) =>
    seen.filter(({ type, error }) => type === "job.retrying" && error === code).length;
  const limited = last?.attempts.filter(({ error }) => error === "rate_limited").length ?? 0;
  return retried("overloaded") + Math.max(0, retried("rate_limited") - limited);
}

const ENDS: ReadonlySet<string> = new Set(["job.succeeded", "job.failed", "job.canceled", "job.expired"]);

/** Nothing is answered from nowhere. */
export const answersWereCalledFor: Law = ({ last, calls }) =>
  last?.status === "succeeded" && calls === 0 ? ["succeeded without a call"] : [];
