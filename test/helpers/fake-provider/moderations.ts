import { asObject, asText, failure, ok } from "./reply.ts";
import type { JsonObject, Reply } from "./reply.ts";

/** Answers `POST /v1/moderations`: a text is flagged, as violent, where it holds the word "violence". */
export function answerModerations(body: JsonObject): Reply {
  const { input } = body;
  if (input === undefined) return failure(400, "'input' is required.", "invalid_request");
  const results = (Array.isArray(input) ? input : [input]).map((item) => {
    const flagged = asText(typeof item === "string" ? item : asObject(item)["text"]).includes("violence");
    return { flagged, categories: { violence: flagged }, category_scores: { violence: flagged ? 1 : 0 } };
  });
  return ok({ id: `modr-${results.length}`, model: String(body["model"]), results });
}
