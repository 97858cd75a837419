import { isObject, type JsonObject } from "../../domain/requests/json-object.ts";

type Keywords = Readonly<Record<string, string | null>>;

/** Keywords whose values are schemas by names of their own, which are no keywords. */
const MAPS: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);
/** Keywords whose values are data, not schemas. */
const DATA: ReadonlySet<string> = new Set(["enum", "const", "default", "examples"]);

/** A JSON schema with its keywords renamed, or left out where they are refused. */
export function fitKeywords(schema: JsonObject, keywords: Keywords): JsonObject {
  const fitted: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    const wanted = Object.hasOwn(keywords, keyword) ? keywords[keyword] : keyword;
    if (typeof wanted !== "string") continue;
    // Where a schema has both, the provider's own keyword counts.
    if (wanted !== keyword && (schema[wanted] !== undefined || typeof value !== "number")) continue;
    fitted[wanted] = fitValue(keyword, value, keywords);
  }
  return fitted;
}

function fitValue(keyword: string, value: unknown, keywords: Keywords): unknown {
  if (DATA.has(keyword)) return value;
  if (Array.isArray(value)) {
    return value.map((each: unknown) => (isObject(each) ? fitKeywords(each, keywords) : each));
  }
  // A number that is kept as its text is an object without a prototype.
  if (!isObject(value) || Object.getPrototypeOf(value) === null) return value;
  if (!MAPS.has(keyword)) return fitKeywords(value, keywords);
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, isObject(each) ? fitKeywords(each, keywords) : each]),
  );
}

const CHOICES = ["anyOf", "oneOf", "allOf"] as const;

/**
 * A function's parameters as one object: what its alternatives have is joined, and required is what all of
 * them require. A schema without a type or without properties gets them.
 */
export function toOneObject(schema: JsonObject): JsonObject {
  const { anyOf, oneOf, allOf, not: _, enum: __, ...rest } = schema;
  const branches = listOf(anyOf, oneOf, allOf);
  if (branches.length === 0 && rest["type"] === "object" && isObject(rest["properties"])) {
    return Object.keys(rest).length === Object.keys(schema).length ? schema : rest;
  }
  const whole = branches.map(toOneObject);
  const properties = Object.assign({}, ...[...whole, rest].map((each) => each["properties"])) as JsonObject;
  const required = [...requiredBy(rest), ...requiredByAll(listOf(allOf)), ...requiredByEach(schema)];
  const { required: ___, ...more } = rest;
  return {
    ...more,
    type: "object",
    properties,
    ...(required.length > 0 ? { required: [...new Set(required)] } : {}),
  };
}

const listOf = (...lists: readonly unknown[]): JsonObject[] =>
  lists.flatMap((list) => (Array.isArray(list) ? (list as readonly unknown[]).filter(isObject) : []));

const requiredBy = ({ required }: JsonObject): string[] =>
  Array.isArray(required) ? required.filter((name) => typeof name === "string") : [];

const requiredByAll = (schemas: readonly JsonObject[]): string[] => schemas.flatMap(requiredBy);

/** What every alternative requires, so that whichever is meant has it. */
function requiredByEach(schema: JsonObject): string[] {
  return CHOICES.filter((choice) => choice !== "allOf").flatMap((choice) => {
    const [first, ...others] = listOf(schema[choice]).map(requiredBy);
    return (first ?? []).filter((name) => others.every((names) => names.includes(name)));
  });
}
