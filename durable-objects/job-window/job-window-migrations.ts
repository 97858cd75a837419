import type { Migration } from "../upgrade-row.ts";

/** What the first version called the `batches` of a window's head are its `groups`. */
const nameGroups: Migration = ({ batches, ...row }) =>
  batches === undefined ? row : { ...row, groups: batches };

/** The steps of all rows of a window, from the first version to the newest. */
export const JOB_WINDOW_MIGRATIONS: readonly Migration[] = [nameGroups];
