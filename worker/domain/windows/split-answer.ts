import * as z from "zod/mini";
import type { WindowTask } from "./window-items.ts";
import { usageSchema } from "../../contract/responses.ts";
import type { Answer } from "../routing/adapter.ts";
import { err, ok, type Result } from "../result.ts";
import { splitUsage } from "./split-usage.ts";

/** One request's part in a call. */
export interface Share {
  /** The indices of its items among those of the call. */
  readonly places: readonly number[];
  /** Its part of what was used: the tokens of its items. */
  readonly tokens: number;
}

/** The field of an answer that lists the results of the items. */
const LISTS = { embeddings: "data", classify: "data", moderations: "results" } as const;

const listed = z.array(z.looseObject({ index: z.optional(z.int()) }));
type Listed = z.infer<typeof listed>[number];

/**
 * Gives each request its own part of a call's answer, in the shape of an answer to it alone. Items are found
 * by their index, or by their order where none has an index and none is missing. A request that lacks an item
 * fails with the reason; the others get their answers.
 */
export function splitAnswer(
  task: WindowTask,
  { body, usage }: Answer,
  itemCount: number,
  shares: readonly Share[],
): Result<Answer, string>[] {
  const name = LISTS[task];
  const whole = JSON.parse(body) as Record<string, unknown>;
  const entries = placeEntries(listed.parse(whole[name]), itemCount);
  const usages =
    usage &&
    splitUsage(
      usageSchema.parse(usage),
      shares.map(({ tokens }) => tokens),
    );
  return shares.map(({ places }, at) => {
    const own = places.map((place) => entries[place]);
    if (!own.every((entry) => entry !== undefined)) return err("the shared answer lacks an item");
    const numbered = own.map((entry, index) => ("index" in entry ? { ...entry, index } : entry));
    const part = usages?.[at] ?? null;
    const answer = { ...whole, [name]: numbered, ...(part ? { usage: part } : {}) };
    return ok({ body: JSON.stringify(answer), usage: part });
  });
}

/**
 * Results by the index of their item, which is their own place where they have none. Where an index comes twice,
 * both results are dropped.
 */
function placeEntries(entries: readonly Listed[], itemCount: number): readonly (Listed | undefined)[] {
  if (entries.every(({ index }) => index === undefined)) {
    return entries.length === itemCount ? entries : [];
  }
  const placed = new Map<number, Listed | undefined>();
  for (const [at, entry] of entries.entries()) {
    const { index = at } = entry;
    placed.set(index, placed.has(index) ? undefined : entry);
  }
  return Array.from({ length: itemCount }, (_, place) => placed.get(place));
}
