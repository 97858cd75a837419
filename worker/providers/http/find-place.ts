/**
 * Finds the value at a path in an answer: `.` is the whole, `data.0.scores` goes through objects and lists.
 * Undefined where there is none.
 */
export function findPlace(value: unknown, place: string): unknown {
  if (place === ".") return value;
  let found = value;
  for (const name of place.split(".")) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}
