/** Reads the JSON text of an object; undefined where it is anything else. */
export function readJsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a text is a whole JSON object; cheap where it cannot be. */
export const isJsonObject = (text: string): boolean =>
  text.trimEnd().endsWith("}") && readJsonObject(text) !== undefined;
