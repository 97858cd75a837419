import type { ErrorCode } from "../errors.ts";
import { type HeaderName, ON_ALL, refer } from "./openapi-headers.ts";
import { type AnswerName, referAnswer } from "./openapi-schemas.ts";

/** What OpenAPI says about an endpoint beyond the table of endpoints. */
export interface Details {
  readonly description?: string;
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  /** By status; without refusals. */
  readonly responses: Readonly<Record<string, object>>;
  /** Its own errors, besides those of every endpoint with the same `needs`. */
  readonly refusals?: readonly ErrorCode[];
}

/** A response that is JSON: one of the named schemas, or one of its own. */
export const answerJson = (
  description: string,
  schema: AnswerName | object,
  sent: readonly HeaderName[] = ON_ALL,
) => ({
  description,
  headers: refer(sent),
  content: { "application/json": { schema: typeof schema === "string" ? referAnswer(schema) : schema } },
});
