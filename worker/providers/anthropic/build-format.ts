import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { ok, type Result } from "../../domain/result.ts";
import { asObject, isObject, type JsonObject } from "../../domain/requests/json-object.ts";
import { narrowSchema } from "./narrow-schema.ts";
import { refuse } from "./refuse.ts";

/** What is asked of an answer's form: both are absent where it is text. */
export interface Format {
  /** For `output_config`. */
  readonly format?: JsonObject;
  /** An instruction for the system prompt. */
  readonly instruction?: string;
}

/** Anthropic can enforce a schema, but not "any JSON object": that has to be asked for in words. */
const ANY_OBJECT = "Answer with one JSON object and nothing else: no words around it, no code fence.";

/** Translates `response_format`; its name and description are OpenAI's alone. */
export function buildFormat(asked: unknown): Result<Format, AnswerFailure> {
  if (asked === undefined || asked === null) return ok({});
  const { type, json_schema: described } = asObject(asked);
  if (type === "text") return ok({});
  if (type === "json_object") return ok({ instruction: ANY_OBJECT });
  if (type !== "json_schema")
    return refuse("response_format.type", "expected text, json_object or json_schema");
  const { schema } = asObject(described);
  if (!isObject(schema)) return refuse("response_format.json_schema.schema", "expected a JSON schema");
  return ok({ format: { type: "json_schema", schema: narrowSchema(schema) } });
}
