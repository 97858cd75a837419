import type { Task, TaskRequests } from "../../contract/requests.ts";
import { isInert } from "../cache/cache-key.ts";
import { estimateTokens } from "../money/estimate-usage.ts";

/**
 * Requests that can share an upstream call: those whose input is a list, and whose answer has a result for
 * each item. With the same parameters, several of them are merged into one with a longer list.
 */

/** The tasks that are merged, with the field that holds their items. */
export const WINDOW_FIELDS = { embeddings: "input", classify: "input", moderations: "input" } as const;
export type WindowTask = keyof typeof WINDOW_FIELDS;

export const isWindowTask = (task: Task): task is WindowTask => Object.hasOwn(WINDOW_FIELDS, task);

/** A text, or a text's tokens. */
export type WindowItem = string | readonly number[];

export interface ItemList {
  readonly items: readonly WindowItem[];
  /** All fields of the body, except the items, that can change the answer. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The tokens of each item, estimated by its length. */
  readonly tokens: readonly number[];
}

/** The items of a request; undefined where it cannot be merged, as pictures and empty lists cannot. */
export function readItems<T extends WindowTask>(task: T, body: TaskRequests[T]): ItemList | undefined {
  const field = WINDOW_FIELDS[task];
  const { [field]: input, ...rest } = body as Record<string, unknown>;
  const items = listItems(input);
  if (!items) return undefined;
  const asked = Object.entries(rest).filter(([name]) => !isInert(name));
  // A list may not have both texts and tokens.
  const parameters = { ...Object.fromEntries(asked), [field]: typeof items[0] };
  return { items, parameters, tokens: items.map(countTokens) };
}

function listItems(input: unknown): readonly WindowItem[] | undefined {
  if (typeof input === "string") return [input];
  if (!Array.isArray(input) || input.length === 0) return undefined;
  if (isTokens(input)) return [input];
  const items: readonly unknown[] = input;
  if (items.every((item) => typeof item === "string")) return items;
  return items.every(isTokens) ? items : undefined;
}

const isTokens = (item: unknown): item is readonly number[] =>
  Array.isArray(item) && item.length > 0 && typeof item[0] === "number";

const countTokens = (item: WindowItem): number =>
  typeof item === "string" ? Math.max(1, estimateTokens(item.length)) : item.length;

/** Several requests' items in one list, each item once. */
export interface MergedItems {
  readonly items: readonly WindowItem[];
  /** For each request, the indices of its items in the list. */
  readonly places: readonly (readonly number[])[];
}

/** Merges the items of several requests; an item that several ask for is in the list once. */
export function mergeItems(lists: readonly (readonly WindowItem[])[]): MergedItems {
  const places = new Map<string, number>();
  const items: WindowItem[] = [];
  const placeOf = (item: WindowItem): number => {
    const name = typeof item === "string" ? `"${item}` : item.join();
    const known = places.get(name);
    if (known !== undefined) return known;
    places.set(name, items.length);
    return items.push(item) - 1;
  };
  return { places: lists.map((list) => list.map(placeOf)), items };
}

/** The body of a call for these items, asked as `body` asks. */
export const buildGroupBody = <T extends WindowTask>(
  task: T,
  body: TaskRequests[T],
  items: readonly WindowItem[],
): TaskRequests[T] => ({ ...body, [WINDOW_FIELDS[task]]: items });
