import type { RerankResponse } from "../../contract/responses.ts";
import { isObject, type JsonObject } from "../../domain/requests/json-object.ts";
import { ok } from "../../domain/result.ts";
import type { ReadForm } from "./asked-form.ts";

/** Reads a rerank request whose fields have Voyage's names; its clients look for the results under `data`. */
export const readVoyageRerank: ReadForm = (json) =>
  ok(isVoyages(json) ? { body: json, write: (answer) => writeResults(answer as RerankResponse) } : undefined);

/** Voyage's Python client sends both of them always, others where they are set. */
const isVoyages = (json: unknown): json is JsonObject =>
  isObject(json) && ("top_k" in json || "truncation" in json) && json["top_n"] == null;

function writeResults({ model, results, usage }: RerankResponse): object {
  const data = results.map(({ index, relevance_score, document }) => ({
    index,
    relevance_score,
    ...(document == null ? {} : { document: document.text ?? document }),
  }));
  return { object: "list", data, model, usage: { total_tokens: usage?.total_tokens ?? 0 } };
}
