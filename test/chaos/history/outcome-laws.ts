import { hasEnded } from "./history.ts";
import { endedLooks, isDeleted, type SeenLook } from "./job-record.ts";
import { brief, differingPart, type Law } from "./law.ts";

/** That a job is accepted once, ends, and stays as it ended; and that all who are to know of it do. */

export const accepted: Law = ({ ids, submissions }) =>
  ids.length > 0 ? [] : [`none of ${submissions.length} submissions named a job`];

/** A submission that says no in earnest: nothing in these orders gives a reason to. */
export const notRefused: Law = ({ submissions }) =>
  submissions.flatMap(({ reply }) =>
    reply && reply.job === null && reply.status < 500 ? [`${reply.status} ${brief(reply.body)}`] : [],
  );

export const oneJobAKey: Law = ({ ids }) => (ids.length > 1 ? [`accepted as ${ids.join(" and ")}`] : []);

export const terminal: Law = ({ ids, looks, last }) => {
  if (ids.length === 0 || hasEnded(last)) return [];
  const look = looks.at(-1);
  return [look ? `last seen as ${look.status} ${brief(look.body)}` : "never seen"];
};

/** The tenant's list knows each job, once, and how it has ended. */
export const listedOnce: Law = (job) => {
  const { ids, listed, last } = job;
  if (isDeleted(job)) return [];
  if (ids.length === 0 || !hasEnded(last)) return [];
  const statuses = listed.map(({ status }) => status).join(" and ");
  return statuses === last.status ? [] : [`listed as ${statuses || "nothing"}, and is ${last.status}`];
};

/**
 * A webhook is told of the end at least once, of nothing else, and each time in the same words; of a job that was
 * deleted meanwhile perhaps not at all.
 */
export const webhookTold: Law = (job) => {
  const { order, notices, last } = job;
  if (!hasEnded(last) || (isDeleted(job) && notices.length === 0)) return [];
  const told = [...new Set(notices.map(({ id, type, body }) => `${id} ${type} ${body}`))];
  if (!order.webhook) return told.map((each) => `told, though nobody asked: ${brief(each)}`);
  if (told.length !== 1) return [told.length === 0 ? "never told" : told.map(brief).join(" and ")];
  const [notice] = notices;
  return notice?.type === `job.${last.status}` ? [] : [`told ${notice?.type}, and is ${last.status}`];
};

/** What was the outcome stays the outcome. */
export const oneOutcome: Law = (job) => {
  const outcomes = new Set(endedLooks(job).map(({ document }) => outcomeOf(document)));
  return outcomes.size > 1 ? [[...outcomes].map(brief).join(" and ")] : [];
};

const outcomeOf = (document: SeenLook["document"]) =>
  JSON.stringify([document?.status, document?.output, document?.error]);

/** Nothing at all about an ended job changes. */
export const unchanged: Law = (job) => {
  const bodies = new Set(endedLooks(job).map(({ body }) => body));
  return bodies.size > 1 ? [[...bodies].map(differingPart).join(" and ")] : [];
};

/** No look that began after one had seen the end sees the job without it. */
export const neverBack: Law = (job) => {
  const firstEnd = Math.min(...endedLooks(job).map(({ ended }) => ended));
  return job.looks
    .filter(({ began, document }) => began > firstEnd && !hasEnded(document))
    .map(({ status, body }) => `seen after its end as ${status} ${brief(body)}`);
};
