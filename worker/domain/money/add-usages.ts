import type { Usage } from "../../contract/responses.ts";
import { isObject, type JsonObject } from "../requests/json-object.ts";

/** What several calls used together: every count is the sum, in details, too. Null where there are none. */
export function addUsages(usages: readonly Usage[]): Usage | null {
  const [first, ...others] = usages;
  return first ? others.reduce<JsonObject>(addCounts, first) : null;
}

function addCounts(sum: JsonObject, more: JsonObject): JsonObject {
  const added = Object.entries(more).map(([name, value]) => [name, addValue(sum[name], value)] as const);
  return { ...sum, ...Object.fromEntries(added) };
}

/** What is no count is the same of all; a mark that one has is on the whole. */
function addValue(before: unknown, value: unknown): unknown {
  if (typeof before === "number" && typeof value === "number") return before + value;
  if (isObject(before) && isObject(value)) return addCounts(before, value);
  return before ?? value;
}
