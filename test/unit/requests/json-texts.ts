import * as fc from "fast-check";

/** JSON values with every character there is, and names that trip careless readers. */
export const jsonValues = fc.jsonValue({ stringUnit: "binary" });

/** Objects with such values, as bodies of requests are. */
export const jsonObjects = fc.dictionary(fc.string({ unit: "binary", maxLength: 8 }), jsonValues);

/** Whether a strict reader must refuse a value: a name that sets a prototype. What a double wrote, it reads. */
export function isRefusable(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.keys(value).includes("__proto__") || Object.values(value).some(isRefusable);
}

/** The same value in another spelling: names reversed, every character escaped, 1 as 1.0, blanks between. */
export function respell(value: unknown): string {
  if (typeof value === "string") return escapeAll(value);
  if (typeof value === "number") return respellNumber(value);
  if (typeof value !== "object" || value === null) return ` ${JSON.stringify(value)}\t`;
  if (Array.isArray(value)) return `[\n${value.map(respell).join(" , ")} ]`;
  const members = Object.entries(value).map(([name, member]) => `${escapeAll(name)} : ${respell(member)}`);
  return `{ ${members.toReversed().join("\r\n,")} }`;
}

function escapeAll(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
}

function respellNumber(number: number): string {
  const text = JSON.stringify(number);
  return /^-?\d+$/.test(text) ? `${text}.0e0` : text;
}
