import {
  type Change,
  hasEnded,
  type History,
  type ListedJob,
  type Look,
  type Notice,
  readDocument,
  type Reading,
  type SeenJob,
  type Submission,
  type Wanted,
} from "./history.ts";

/** All that a history says of one order and the job it became. */
export interface JobRecord {
  readonly order: Wanted;
  readonly submissions: readonly Submission[];
  /** The ids that its submissions were given: one, if all is well. */
  readonly ids: readonly string[];
  /** Those at a job that is there, or should be. */
  readonly looks: readonly SeenLook[];
  /** Those after it was deleted. */
  readonly looksAfter: readonly Look[];
  readonly outputs: readonly Reading[];
  readonly changes: readonly Change[];
  /** Its whole event stream, each time that was read. */
  readonly events: readonly Reading[];
  /** How many calls the provider has received for it. */
  readonly calls: number;
  /** What its webhook was told. */
  readonly notices: readonly Notice[];
  /** Its entries in the list. */
  readonly listed: readonly ListedJob[];
  /** As it was seen last; undefined where it was never seen. */
  readonly last: SeenJob | undefined;
}

export interface SeenLook extends Look {
  readonly document: SeenJob | undefined;
}

/** Sorts a history by order, in the order of the looks' ends. */
export function gatherJobs(history: History): readonly JobRecord[] {
  const { orders, submissions, looks, outputs, events, changes, calls, notices, listed } = history;
  const submissionsOf = Map.groupBy(submissions, ({ key }) => key);
  const looksOf = Map.groupBy(looks, ({ job }) => job);
  const outputsOf = Map.groupBy(outputs, ({ job }) => job);
  const eventsOf = Map.groupBy(events, ({ job }) => job);
  const changesOf = Map.groupBy(changes, ({ job }) => job);
  const callsOf = Map.groupBy(calls, ({ job }) => job);
  const noticesOf = Map.groupBy(notices, ({ job }) => job);
  const listedOf = Map.groupBy(listed, ({ id }) => id);
  return orders.map((order) => {
    const mine = submissionsOf.get(order.key) ?? [];
    const ids = [...new Set(mine.flatMap(({ reply }) => reply?.job ?? []))];
    const changed = ids.flatMap((id) => changesOf.get(id) ?? []);
    const deletion = changed.find(({ change }) => change === "delete");
    const all = ids
      .flatMap((id) => looksOf.get(id) ?? [])
      .toSorted((a, b) => a.ended - b.ended)
      .map((look) => ({ ...look, document: readDocument(look) }));
    const seen = all.filter((look) => !deletion || isBefore(look, deletion));
    const isAfter = ({ began }: Look) => deletion !== undefined && began > deletion.ended;
    return {
      order,
      submissions: mine,
      ids,
      looks: seen,
      looksAfter: ids
        .flatMap((id) => [looksOf, outputsOf, eventsOf].flatMap((of) => of.get(id) ?? []))
        .filter(isAfter),
      changes: changed,
      outputs: ids.flatMap((id) => outputsOf.get(id) ?? []).filter((one) => !isAfter(one)),
      events: ids.flatMap((id) => eventsOf.get(id) ?? []).filter((one) => !isAfter(one)),
      calls: ids.reduce((sum, id) => sum + (callsOf.get(id)?.length ?? 0), 0),
      notices: ids.flatMap((id) => noticesOf.get(id) ?? []),
      listed: ids.flatMap((id) => listedOf.get(id) ?? []),
      last: seen.at(-1)?.document,
    };
  });
}

/** Whether a job that is being deleted was still to be seen: while that is asked, both are right. */
const isBefore = ({ began, ended, status }: Look, deletion: Change): boolean =>
  ended < deletion.began || (began < deletion.ended && status !== 404);

/** Whether somebody has deleted it. */
export const isDeleted = ({ changes }: JobRecord): boolean =>
  changes.some(({ change }) => change === "delete");

/** The looks at a job that had its outcome. */
export const endedLooks = ({ looks }: JobRecord): readonly SeenLook[] =>
  looks.filter(({ document }) => hasEnded(document));
