import * as z from "zod/mini";
import type { Preset, RerankForm } from "../../contract/config/presets.ts";
import { usageSchema } from "../../contract/responses.ts";
import type { Answer, AnswerFailure, HttpTask } from "../../domain/routing/adapter.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { documentTexts, shapeRerank } from "../../domain/answers/shape-answer.ts";
import { adaptFields } from "./adapt-fields.ts";
import { postJson } from "./post-json.ts";
import { completeUsage } from "./find-usage.ts";
import { readAnswer } from "./read-answer.ts";

/** Rerank as Cohere's first version and Jina have it, or in a preset's own form. */
export function rerankTask(preset: Preset): HttpTask<"rerank"> {
  const path = preset.paths?.rerank ?? "/rerank";
  const form = preset.rerank;
  if (form) return formedRerank(path, form);
  return {
    kind: "http",
    buildRequest: (input, model, connection) =>
      ok(postJson(connection, path, adaptFields(preset, "rerank", { ...input, model }))),
    parseResponse: readRerank,
  };
}

/** As the contract has it, but that a document may be a plain text (SGLang), or no text at all. */
const came = z.looseObject({
  results: z.array(
    z.looseObject({ index: z.number(), relevance_score: z.number(), document: z.optional(z.unknown()) }),
  ),
  usage: z.optional(z.nullable(usageSchema)),
});

const TEXT_DOCUMENT = /"document"\s*:\s*"/;

/** Reads results, with documents as the contract has them. */
function readRerank(text: string): Result<Answer, AnswerFailure> {
  const answer = readAnswer(came, text);
  if (!answer.ok || !TEXT_DOCUMENT.test(text)) return answer;
  const { results, ...rest } = came.parse(JSON.parse(text));
  const mended = results.map((result) =>
    typeof result.document === "string" ? { ...result, document: { text: result.document } } : result,
  );
  return ok({ ...answer.value, body: JSON.stringify({ ...rest, results: mended }) });
}

function formedRerank(path: string, form: RerankForm): HttpTask<"rerank"> {
  const { documents = "documents", topN = "top_n" } = form;
  const schema = answerOf(form);
  return {
    kind: "http",
    buildRequest(input, model, connection) {
      const { documents: _, top_n, return_documents: __, ...rest } = input;
      const top = topN === null || top_n == null ? {} : { [topN]: top_n };
      return ok(postJson(connection, path, { ...rest, model, [documents]: documentTexts(input), ...top }));
    },
    parseResponse(text, input) {
      const parsed = parseAnswer(schema, text);
      if (!parsed.ok) return parsed;
      const { scores, usage } = parsed.value;
      return scores
        ? shapeRerank(scores, input, usage)
        : err({ kind: "invalid_response", reason: "no results" });
    },
  };
}

/** Reads an answer of the form into scores and usage. */
function answerOf({ results = "results", score = "relevance_score" }: RerankForm) {
  const result = z.pipe(
    z.looseObject({ index: z.int(), [score]: z.number() }),
    z.transform((found) => ({ index: found["index"] as number, score: found[score] as number })),
  );
  const list = z.array(result);
  if (results === null) {
    return z.pipe(
      list,
      z.transform((scores) => ({ scores, usage: null })),
    );
  }
  return z.pipe(
    z.looseObject({ [results]: list, usage: z.optional(z.nullable(usageSchema)) }),
    z.transform((found) => ({
      scores: found[results] as z.output<typeof list>,
      usage: completeUsage(found["usage"] as z.output<typeof usageSchema> | null | undefined),
    })),
  );
}
