import type { LocalAdapter } from "../../domain/routing/adapter.ts";
import { CLASSIFIERS, classifyTask } from "./answer-classify.ts";
import { embeddingsTask } from "./answer-embeddings.ts";
import { rerankTask } from "./answer-rerank.ts";
import { type EmbeddedModels, WORDS_EN } from "./models.ts";

/** The provider whose models run inside the Worker: no network, no key, no cost. */
export function createEmbedded(models: EmbeddedModels): LocalAdapter {
  return {
    embeddings: embeddingsTask(models),
    rerank: rerankTask(models),
    classify: classifyTask(models),
    models: { embeddings: [WORDS_EN], rerank: [WORDS_EN], classify: CLASSIFIERS },
  };
}
