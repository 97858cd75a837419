import type * as z from "zod/mini";
import { checkUntilWrong } from "../../contract/check-until-wrong.ts";
import type { AnswerFailure, Connection, ProviderRequest } from "../../domain/routing/adapter.ts";
import { deepest, writePath } from "../../domain/requests/parse-request.ts";
import { ok, type Result } from "../../domain/result.ts";
import { refuseInput } from "./refusals.ts";

/**
 * A model's own name, or one with its collection (`tunedModels/mine`). Clients may name models themselves,
 * and the name is part of the path: no character in it may change the path.
 */
const MODEL = /^(?:(?:models|tunedModels)\/)?[A-Za-z0-9][\w.-]*$/;

/** The path of a model under the base URL: `models/gemini-2.5-flash`. */
export function findModel(model: string): Result<string, AnswerFailure> {
  if (!MODEL.test(model)) return refuseInput("model: Google has no models of such names");
  return ok(model.includes("/") ? model : `models/${model}`);
}

/** The key is sent in a header, never in the URL, which ends up in logs. */
export const sign = ({ headers, apiKey }: Connection): Record<string, string> => ({
  ...headers,
  ...(apiKey === undefined ? {} : { "x-goog-api-key": apiKey }),
});

export const post = (connection: Connection, path: string, body: object): ProviderRequest => ({
  url: `${connection.baseUrl}/${path}`,
  headers: { ...sign(connection), "content-type": "application/json" },
  body: JSON.stringify(body),
});

/** Reads the fields that must be translated; the failure names the first that cannot be. */
export function readInput<S extends z.ZodMiniType>(
  schema: S,
  input: unknown,
): Result<z.output<S>, AnswerFailure> {
  const parsed = checkUntilWrong(schema, input);
  if (parsed.success) return ok(parsed.data);
  const issue = deepest(parsed.error.issues);
  return refuseInput(`${writePath(issue.path)}: ${issue.message}`);
}
