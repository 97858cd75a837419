import { ODDITIES } from "../../contract/config/oddities.ts";
import type { ProviderAdapter } from "../../domain/routing/adapter.ts";
import { answerForms } from "./answer-forms.ts";
import { buildChat } from "./build-chat.ts";
import { buildEmbeddings, readEmbeddings } from "./embeddings.ts";
import { readCompletion } from "./read-completion.ts";
import { readRefusal } from "./read-refusal.ts";
import { readStream } from "./read-stream.ts";
import { readTold } from "./read-usage.ts";

export const GOOGLE_BASE_URL = "https://generativelanguage.googleapis.com/v1beta";

/**
 * Gemini, by Google's own API (`generateContent`), not by its OpenAI-compatible endpoint. That one would need
 * no translation, but loses more: it answers 400 to every field that it does not know, Google's own safety
 * settings among them, and its answers lack Google's grounding, citations and safety ratings. Here Google's
 * own fields are sent unchanged, and what Google's answers have beyond OpenAI's shape comes back under
 * `extra_content.google`. That endpoint uses the same names, so clients written for it (`extra_body.google`,
 * thought signatures) work here. `now`, in milliseconds, dates completions, for Google's answers have no
 * date.
 * https://ai.google.dev/api/generate-content, https://ai.google.dev/gemini-api/docs/openai
 */
export function createGoogle(now: () => number): ProviderAdapter {
  const seconds = () => Math.floor(now() / 1000);
  return {
    chat: {
      kind: "http",
      buildRequest: buildChat,
      parseResponse: (text, { model }) => readCompletion(text, { model, created: seconds() }),
      readStream: ({ model }) => readStream({ model, created: seconds() }),
      forms: answerForms,
      readUsage: readTold,
      readRefusal,
    },
    embeddings: {
      kind: "http",
      buildRequest: buildEmbeddings,
      parseResponse: readEmbeddings,
      readUsage: readTold,
      maxInputs: ODDITIES.google.maxInputs.embeddings,
      readRefusal,
    },
  };
}
