import type { Answer, LocalTask } from "../../domain/routing/adapter.ts";
import { ok } from "../../domain/result.ts";
import { detectLanguage } from "./detect-language.ts";
import type { EmbeddedModels } from "./models.ts";
import { rateSentiment } from "./rate-sentiment.ts";
import { refuseLength, refuseModel } from "./refusals.ts";
import type { ScoredLabel } from "./scored-label.ts";
import { wordsOf } from "./words-of.ts";

type Classifier = (text: string) => readonly ScoredLabel[];
/** The models of classify. */
export const CLASSIFIERS = ["language", "sentiment"] as const;

/** Classification by `language` (ISO 639-1 codes, or "und") and by `sentiment` (of English text). */
export function classifyTask(models: EmbeddedModels): LocalTask<"classify"> {
  const classifiers: ReadonlyMap<string, Classifier> = new Map<string, Classifier>([
    ["language", (text: string) => detectLanguage(models.languageProfiles(), text)],
    ["sentiment", rateSentiment],
  ]);
  return {
    kind: "local",
    answer(input, model) {
      const classifier = classifiers.get(model);
      if (classifier === undefined) return refuseModel(model, [...classifiers.keys()]);
      const texts = typeof input.input === "string" ? [input.input] : input.input;
      return refuseLength(texts, model) ?? ok(classifyAll(classifier, texts, model));
    },
  };
}

function classifyAll(classifier: Classifier, texts: readonly string[], model: string): Answer {
  const data = texts.map((text, index) => {
    const labels = classifier(text);
    return { index, ...labels[0], labels };
  });
  const words = texts.reduce((sum, text) => sum + wordsOf(text).length, 0);
  const usage = { prompt_tokens: words, total_tokens: words };
  return { body: JSON.stringify({ object: "list", model, data, usage }), usage };
}
