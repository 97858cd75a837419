import { hasEnded, type Reading, type Submission } from "./history.ts";
import { endedLooks, isDeleted, type JobRecord } from "./job-record.ts";
import { brief, differingPart, type Law } from "./law.ts";
import { readChunks, readEvents, type SeenEvent } from "./read-events.ts";

/** That the answer is the one to the question, and the same whichever way it is asked for. */

/** The chunks that subscribers of a streamed job get are the output's own. */
export const eventsTellTheOutput: Law = ({ order, events, outputs }) => {
  const output = outputs.find(({ status }) => status === 200);
  if (!order.streamed || !output) return [];
  const wanted = JSON.stringify(readChunks(output.body));
  return events.flatMap(({ body }) => {
    const told = JSON.stringify(chunksOfLastRun(readEvents(body)));
    return told === wanted ? [] : [`told ${brief(told)}, the output is ${brief(wanted)}`];
  });
};

function chunksOfLastRun(events: readonly SeenEvent[]): readonly unknown[] {
  const from = events.findLastIndex(({ type }) => type === "job.started");
  return events.slice(from).flatMap(({ type, output }) => (type === "job.output" ? [output] : []));
}

export const answersItsOwn: Law = ({ order, last, outputs }) =>
  last?.status === "succeeded"
    ? outputs.flatMap(({ body }) =>
        isAnswer(body, order) ? [] : [`"${order.text}" was answered with ${brief(body)}`],
      )
    : [];

function isAnswer(output: string, { isAnswerTo, text }: JobRecord["order"]): boolean {
  try {
    return isAnswerTo(output, text);
  } catch {
    return false;
  }
}

/** A document shows the output that is read by itself, where it shows one at all. */
export const documentShowsOutput: Law = ({ last, outputs }) => {
  const shown = last?.output ?? null;
  if (shown === null) return [];
  const other = outputs.find(({ body }) => body !== JSON.stringify(shown));
  return other
    ? [`the document has ${brief(JSON.stringify(shown))}, the output is ${brief(other.body)}`]
    : [];
};

/** Repeats give the same bytes: the ended job's document, or its output; and all failures the same one. */
export const replaysEqual: Law = (job) => {
  const { order, last, submissions } = job;
  if (!hasEnded(last) || isDeleted(job)) return [];
  const replies = submissions
    .filter((one) => one.replay || isOutcome(one, job))
    .flatMap(({ reply }) => reply ?? []);
  const told = findTold(job);
  const wanted = told ?? replies[0]?.body;
  const other = replies.find(({ body }) => body !== wanted);
  if (other) return [`a repeat gave ${other.status} ${differingPart(other.body)}`];
  const unmarked = submissions.some(({ replay, reply }) => replay && reply?.replayed !== true);
  if (unmarked) return ["a repeat was not marked as one"];
  return order.answers === "output" && last.status === "succeeded" && told === undefined
    ? ["the output was not read"]
    : [];
};

/** Whether a reply, given before or at the end, tells the outcome in the form that a repeat would. */
function isOutcome({ reply }: Submission, { order, last }: JobRecord): boolean {
  if (reply?.status !== 200 || last?.status !== "succeeded") return false;
  return order.answers === "output" || reply.body.includes('"status":"succeeded"');
}

/** The bytes that a repeat has to give, where another way of asking has given them. */
function findTold(job: JobRecord): string | undefined {
  if (job.order.answers === "document") return endedLooks(job).at(-1)?.body;
  const read: Reading | undefined = job.outputs.find(({ status }) => status === 200);
  return read?.body;
}
