import * as z from "zod/mini";
import type { Migration } from "../upgrade-row.ts";

const firstRow = z.looseObject({
  state: z.looseObject({
    batching: z.optional(z.string()),
    job: z.optional(z.looseObject({ batch: z.optional(z.unknown()) })),
  }),
});

/** What the first version called a job's `batch` and `batching` are its `window` and its `seat`. */
function nameSeat(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { state, ...others } = firstRow.parse(row);
  const { batching, job, ...status } = state;
  const seat = batching === undefined ? {} : { seat: { window: batching } };
  return { ...others, state: { ...status, ...seat, ...(job && { job: nameWindow(job) }) } };
}

const nameWindow = ({ batch, ...job }: Readonly<Record<string, unknown>>) =>
  batch === undefined ? job : { ...job, window: batch };

const secondRow = z.looseObject({ state: z.looseObject({ job: z.optional(z.looseObject({})) }) });

/** The second version postponed no run, and kept all attempts. */
function countRuns(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { state, ...others } = secondRow.parse(row);
  const { job, ...status } = state;
  return {
    ...others,
    state: { ...status, ...(job && { job: { ...job, postponed: 0, attemptsLeftOut: 0 } }) },
  };
}

/** The steps of a job's row, from the first version to the newest. */
export const JOB_MIGRATIONS: readonly Migration[] = [nameSeat, countRuns];
