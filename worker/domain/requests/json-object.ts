import { readExact } from "./parse-exact.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value as an object; an empty one where it is not an object. */
export const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** Reads the JSON text of an object; undefined where it is anything else. */
export function readJsonObject(text: string): JsonObject | undefined {
  try {
    const value = readExact(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a text is a whole JSON object; cheap where it cannot be. */
export const isJsonObject = (text: string): boolean =>
  text.trimEnd().endsWith("}") && readJsonObject(text) !== undefined;
