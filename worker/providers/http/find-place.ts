/**
 * Finds what stands at a place of an answer: `.` is the whole, `data.0.scores` leads through objects
 * and lists. Undefined where nothing stands there, or the way leads through something else.
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
