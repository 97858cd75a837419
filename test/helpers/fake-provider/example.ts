import { asObject } from "./reply.ts";

/**
 * The smallest value that a JSON schema takes, for structured output: every property, `text` for each
 * string, 0, false, the first of an enum or of alternatives, and no items.
 */
export function buildExample(schema: unknown, text: string): unknown {
  const { const: constant, enum: values, anyOf, type, properties } = asObject(schema);
  if (constant !== undefined) return constant;
  if (Array.isArray(values)) return values[0];
  if (Array.isArray(anyOf)) return buildExample(anyOf[0], text);
  switch (Array.isArray(type) ? type[0] : type) {
    case "object":
      return Object.fromEntries(
        Object.entries(asObject(properties)).map(([name, property]) => [name, buildExample(property, text)]),
      );
    case "array":
      return [];
    case "number":
    case "integer":
      return 0;
    case "boolean":
      return false;
    case "string":
      return text;
    default:
      return null;
  }
}
