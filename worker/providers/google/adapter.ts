import type { ProviderAdapter } from "../../domain/routing/adapter.ts";
import { buildChat } from "./build-chat.ts";
import { buildEmbeddings, readEmbeddings } from "./embeddings.ts";
import { readCompletion } from "./read-completion.ts";
import { readRefusal } from "./read-refusal.ts";
import { readStream } from "./read-stream.ts";

export const GOOGLE_BASE_URL = "https://generativelanguage.googleapis.com/v1beta";

/**
 * Gemini, by Google's own API (`generateContent`), not by its OpenAI-compatible endpoint. That one would
 * need no translation, but keeps less: it answers 400 to every field it does not know, Google's own safety
 * settings among them, where a gateway must pass on what it has never heard of; and its answers have
 * OpenAI's shape, without the grounding, citations and safety ratings of Google's. Here whatever a client
 * says in Google's words goes through as it is, and whatever Google says beyond OpenAI's shape comes back
 * under `extra_content.google`. That is that endpoint's own name for it: clients written for it
 * (`extra_body.google`, thought signatures) find what they know. `now`, in milliseconds, dates
 * completions: Google's answers bear no date.
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
      readRefusal,
    },
    embeddings: {
      kind: "http",
      buildRequest: buildEmbeddings,
      parseResponse: readEmbeddings,
      readRefusal,
    },
  };
}
