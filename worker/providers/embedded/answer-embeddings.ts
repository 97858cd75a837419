import type { Answer, LocalTask } from "../../domain/routing/adapter.ts";
import { packVector } from "../../domain/answers/pack-vector.ts";
import { textsOf } from "../../domain/answers/shape-answer.ts";
import { ok } from "../../domain/result.ts";
import { embedText, truncateVector } from "./embed-text.ts";
import type { EmbeddedModels } from "./models.ts";
import { WORDS_EN } from "./models.ts";
import { refuse, refuseLength, refuseModel } from "./refusals.ts";
import type { WordVectors } from "./word-vectors.ts";

/** Rounding a unit vector to 6 decimals moves no cosine by more than 1e-5, and halves the JSON. */
const DECIMALS = 1e6;

interface Format {
  readonly model: string;
  readonly dimensions: number;
  readonly encoding: "float" | "base64";
}

/** Embeddings in OpenAI's shape; `prompt_tokens` counts words. */
export function embeddingsTask(models: EmbeddedModels): LocalTask<"embeddings"> {
  return {
    kind: "local",
    answer(input, model) {
      if (model !== WORDS_EN) return refuseModel(model, [WORDS_EN]);
      const texts = textsOf(input.input);
      if (texts === undefined)
        return refuse(
          `${WORDS_EN} embeds text; it has no tokens of its own to accept, and takes no pictures.`,
        );
      const tooLong = refuseLength(texts, model);
      if (tooLong) return tooLong;
      const vectors = models.wordVectors();
      const dimensions = input.dimensions ?? vectors.dimensions;
      if (dimensions > vectors.dimensions) {
        return refuse(`${WORDS_EN} has at most ${vectors.dimensions} dimensions, not ${dimensions}.`);
      }
      return ok(embedAll(vectors, texts, { model, dimensions, encoding: input.encoding_format ?? "float" }));
    },
  };
}

function embedAll(vectors: WordVectors, texts: readonly string[], format: Format): Answer {
  let words = 0;
  const data = texts.map((text, index) => {
    const embedded = embedText(vectors, text);
    words += embedded.words.length;
    const rounded = round(truncateVector(embedded.vector, format.dimensions));
    return {
      object: "embedding",
      index,
      embedding: format.encoding === "float" ? rounded : packVector(rounded),
    };
  });
  const usage = { prompt_tokens: words, total_tokens: words };
  return { body: JSON.stringify({ object: "list", data, model: format.model, usage }), usage };
}

/** By index: an iterator costs more than the rounding. */
function round(vector: Float64Array): number[] {
  const rounded: number[] = [];
  for (let at = 0; at < vector.length; at++)
    rounded.push(Math.round((vector[at] ?? 0) * DECIMALS) / DECIMALS);
  return rounded;
}
