import { ODDITIES } from "../../contract/config/oddities.ts";
import type {
  AnswerFailure,
  HttpTask,
  ProviderAdapter,
  ProviderRequest,
} from "../../domain/routing/adapter.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { documentTexts, textsOf } from "../../domain/answers/shape-answer.ts";
import { createFitChat } from "../oddities/fit-chat.ts";
import { readUsage } from "../openai/find-usage.ts";
import { chatForms } from "./chat-forms.ts";
import { readChat } from "./read-chat.ts";
import { readRerank, readVectors } from "./read-answers.ts";
import { createChatReader } from "./read-events.ts";

const fit = createFitChat(ODDITIES["workers-ai"]);

/**
 * Cloudflare's own models, called through the `AI` binding: the request's URL is `workers-ai:` and the model,
 * which the fetch of `platform/workers-ai.ts` runs.
 */
export const workersAi: ProviderAdapter = {
  chat: {
    kind: "http",
    buildRequest(input, model) {
      const fitted = fit(input, model);
      const { model: _model, stream_options: _options, max_completion_tokens: max, ...rest } = fitted;
      const limit = max == null || rest["max_tokens"] != null ? {} : { max_tokens: max };
      return run(model, { ...rest, ...limit });
    },
    parseResponse: readChat,
    readUsage,
    readStream: createChatReader,
    forms: chatForms,
  } satisfies HttpTask<"chat">,
  embeddings: {
    kind: "http",
    buildRequest(input, model) {
      const text = textsOf(input.input);
      if (!text) return refuse("'input' must be text: Workers AI takes no tokens or pictures.");
      if (input.dimensions != null) return refuse("'dimensions' is not to be chosen with Workers AI.");
      return run(model, { text });
    },
    parseResponse: readVectors,
    readUsage,
    maxInputs: ODDITIES["workers-ai"].maxInputs.embeddings,
  } satisfies HttpTask<"embeddings">,
  rerank: {
    kind: "http",
    buildRequest(input, model) {
      const texts = documentTexts(input);
      if (!texts || typeof input.query !== "string") return refuse("'query' and 'documents' must be text.");
      const contexts = texts.map((text) => ({ text }));
      const top = input.top_n == null ? {} : { top_k: input.top_n };
      return run(model, { query: input.query, contexts, ...top });
    },
    parseResponse: readRerank,
    readUsage,
  } satisfies HttpTask<"rerank">,
};

const run = (model: string, inputs: object): Result<ProviderRequest, never> =>
  ok({
    url: `workers-ai:${model}`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(inputs),
  });

const refuse = (message: string): Result<never, AnswerFailure> =>
  err({ kind: "invalid_input", reason: message, message });
