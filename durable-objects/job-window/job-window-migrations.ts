import * as z from "zod/mini";
import type { Migration } from "../upgrade-row.ts";

/** What the first version called the `batches` of a window's head are its `groups`. */
const nameGroups: Migration = ({ batches, ...row }) =>
  batches === undefined ? row : { ...row, groups: batches };

const secondHead = z.looseObject({ groups: z.optional(z.array(z.looseObject({}))) });

/** The second version postponed no run of a group. */
function countRuns(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { groups, ...others } = secondHead.parse(row);
  return groups === undefined
    ? row
    : { ...others, groups: groups.map((group) => ({ ...group, postponed: 0 })) };
}

/** The steps of all rows of a window, from the first version to the newest. */
export const JOB_WINDOW_MIGRATIONS: readonly Migration[] = [nameGroups, countRuns];
