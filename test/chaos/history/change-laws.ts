import { hasEnded, readDocument } from "./history.ts";
import { isDeleted } from "./job-record.ts";
import { brief, type Law } from "./law.ts";

/** That who cancels, deletes or retries a job gets what they were told, whatever happens meanwhile. */

/** A job that was to be canceled ends so, unless it had ended already; no other does. */
export const canceledIfAsked: Law = ({ changes, last }) => {
  if (!hasEnded(last)) return [];
  const cancels = changes.filter(({ change }) => change === "cancel");
  if (cancels.length === 0) return last.status === "canceled" ? ["canceled, though nobody asked"] : [];
  return cancels.flatMap(({ status, body }) => {
    const told = readDocument({ status, body });
    const wanted = status === 202 ? "canceled" : told?.status;
    const isTold = told !== undefined && (status === 202 || hasEnded(told));
    if (!isTold) return [`${status} ${brief(body)}`];
    return last.status === wanted ? [] : [`was to be ${wanted}, and is ${last.status}`];
  });
};

/** A job that has ended can be deleted. That it is not there is the answer where an earlier one was lost. */
export const deletable: Law = ({ changes }) =>
  changes
    .filter(
      ({ change, status, tries }) => change === "delete" && status !== 204 && !(status === 404 && tries > 1),
    )
    .map(({ status, body }) => `${status} ${brief(body)}`);

/** What was deleted is not there any more, by any path, nor in the list. */
export const goneForGood: Law = (job) => {
  if (!isDeleted(job)) return [];
  const left = job.looksAfter.filter(({ status }) => status !== 404);
  return [
    ...left.map(({ status, body }) => `seen after it was deleted: ${status} ${brief(body)}`),
    ...job.listed.map(({ status }) => `deleted, and listed as ${status}`),
  ];
};

/** A retry is a job of its own, and names the one whose request it is; no other job names one. */
export const retryNamesItsJob: Law = ({ order, ids, last }) => {
  if (last === undefined) return [];
  if (order.retryOf !== null && ids.includes(order.retryOf)) return ["the retry is the job itself"];
  return last.retry_of === order.retryOf ? [] : [`a retry of ${last.retry_of}, not of ${order.retryOf}`];
};
