import * as z from "zod/mini";
import type { RerankForm } from "../../contract/config/oddities.ts";
import type { RerankRequest } from "../../contract/requests.ts";
import type { Preset } from "../../contract/config/presets.ts";
import { usageSchema } from "../../contract/responses.ts";
import type { Answer, AnswerFailure, HttpTask } from "../../domain/routing/adapter.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";
import { findRankingFault } from "../../domain/answers/find-gap.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { documentTexts, RERANK_HEAD, shapeRerank } from "../../domain/answers/shape-answer.ts";
import { adaptFields } from "./adapt-fields.ts";
import { postJson } from "./post-json.ts";
import { completeUsage, readUsage } from "./find-usage.ts";

/** Rerank as Cohere's first version and Jina have it, or in a preset's own form. */
export function rerankTask(preset: Preset): HttpTask<"rerank"> {
  const path = preset.paths?.rerank ?? "/rerank";
  const maxInputs = preset.maxInputs?.rerank;
  const task = preset.rerank ? formedRerank(path, preset.rerank) : plainRerank(path, preset);
  return maxInputs === undefined ? task : { ...task, maxInputs };
}

function plainRerank(path: string, preset: Preset): HttpTask<"rerank"> {
  return {
    kind: "http",
    buildRequest: (input, model, connection) =>
      ok(postJson(connection, path, adaptFields(preset, "rerank", { ...input, model }))),
    parseResponse: readRerank,
    readUsage,
  };
}

/** As the contract has it, but that a document may be a plain text (SGLang), or no text at all. */
const came = z.looseObject({
  id: z.optional(z.unknown()),
  meta: z.optional(z.unknown()),
  results: z.array(
    z.looseObject({ index: z.number(), relevance_score: z.number(), document: z.optional(z.unknown()) }),
  ),
  usage: z.optional(z.nullable(usageSchema)),
});

/** An answer in the shape that is ours, with what Cohere's clients look for. */
function readRerank(text: string, input: RerankRequest): Result<Answer, AnswerFailure> {
  const parsed = parseAnswer(came, text);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  const fault = findRankingFault(value.results, input);
  if (fault !== undefined) return err({ kind: "invalid_response", reason: fault });
  const isWhole =
    value.id !== undefined && value.meta != null && !value.results.some(({ document }) => isText(document));
  return ok({
    body: isWhole
      ? text
      : JSON.stringify({ ...RERANK_HEAD, ...value, results: value.results.map(mendDocument) }),
    usage: completeUsage(value.usage),
  });
}

const isText = (document: unknown): document is string => typeof document === "string";

const mendDocument = <T extends { readonly document?: unknown }>(result: T) =>
  isText(result.document) ? { ...result, document: { text: result.document } } : result;

function formedRerank(path: string, form: RerankForm): HttpTask<"rerank"> {
  const { documents = "documents", topN = "top_n" } = form;
  const schema = answerOf(form);
  return {
    kind: "http",
    buildRequest(input, model, connection) {
      const { documents: _, top_n, return_documents: __, ...rest } = input;
      const top = topN === null || top_n == null ? {} : { [topN]: top_n };
      const ranked = documentTexts(input) ?? input.documents;
      return ok(postJson(connection, path, { ...rest, model, [documents]: ranked, ...top }));
    },
    parseResponse(text, input) {
      const parsed = parseAnswer(schema, text);
      if (!parsed.ok) return parsed;
      const { scores, usage } = parsed.value;
      return scores
        ? shapeRerank(scores, input, usage)
        : err({ kind: "invalid_response", reason: "no results" });
    },
    readUsage,
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
