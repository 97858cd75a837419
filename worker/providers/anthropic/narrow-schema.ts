import { isObject, type JsonObject } from "../../domain/requests/json-object.ts";

/** https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations */
const FORMATS: ReadonlySet<unknown> = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid",
]);
const KEPT: ReadonlySet<string> = new Set([
  "type",
  "enum",
  "const",
  "default",
  "$ref",
  "description",
  "title",
  "required",
]);
const MAPS: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);
const LISTS: ReadonlyMap<string, string> = new Map([
  ["anyOf", "anyOf"],
  ["oneOf", "anyOf"],
  ["allOf", "allOf"],
]);

/**
 * Narrows a JSON schema to what Anthropic can enforce; it answers 400 to the rest (bounds of numbers, lengths,
 * patterns, open objects). What is left out is written into the description instead, which the model reads, as
 * Anthropic's own SDKs do.
 */
export function narrowSchema(schema: JsonObject): JsonObject {
  const narrow: Record<string, unknown> = {};
  const lost: string[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    const list = LISTS.get(keyword);
    if (list !== undefined && Array.isArray(value)) narrow[list] = value.map(narrowAny);
    else if (MAPS.has(keyword) && isObject(value)) narrow[keyword] = narrowEach(value);
    else if (keyword === "items") narrow["items"] = narrowAny(value);
    else if (isTaken(keyword, value)) narrow[keyword] = value;
    else if (isMissed(keyword, value)) lost.push(`${keyword}: ${JSON.stringify(value)}`);
  }
  if (isObjectType(schema)) narrow["additionalProperties"] = false;
  if (lost.length === 0) return narrow;
  const described = typeof schema["description"] === "string" ? `${schema["description"]}\n\n` : "";
  return { ...narrow, description: `${described}{${lost.join(", ")}}` };
}

const narrowAny = (value: unknown): unknown => (isObject(value) ? narrowSchema(value) : value);

const narrowEach = (schemas: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, narrowAny(schema)]));

const isTaken = (keyword: string, value: unknown) =>
  KEPT.has(keyword) ||
  (keyword === "format" && FORMATS.has(value)) ||
  (keyword === "minItems" && (value === 0 || value === 1));

/** Left out without a note: the schema's dialect constrains nothing, and every object is closed anyway. */
const isMissed = (keyword: string, value: unknown) =>
  keyword !== "$schema" && !(keyword === "additionalProperties" && value === false);

const isObjectType = ({ type, properties }: JsonObject) =>
  type === "object" || (Array.isArray(type) && type.includes("object")) || isObject(properties);
