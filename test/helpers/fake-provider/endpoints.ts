import { answerMessages, answerTokenCount } from "./anthropic.ts";
import { answerSpeech, answerTranscription } from "./audio.ts";
import { answerChat } from "./chat.ts";
import { answerEmbeddings } from "./embeddings.ts";
import { answerImages } from "./images.ts";
import { INPUTS_ENDPOINTS } from "./inputs.ts";
import { answerModerations } from "./moderations.ts";
import { answerGoogle } from "./google.ts";
import { failure, ok } from "./reply.ts";
import type { JsonObject, Reply } from "./reply.ts";
import { answerRerank } from "./rerank.ts";
import { answerResponses } from "./responses.ts";

const MODELS = ["fake-chat", "fake-embedding", "fake-rerank"] as const;

const ENDPOINTS: Readonly<Record<string, (body: JsonObject) => Reply>> = {
  "POST /v1/chat/completions": answerChat,
  "POST /v1/responses": answerResponses,
  "POST /v1/messages": answerMessages,
  "POST /v1/messages/count_tokens": answerTokenCount,
  "POST /v1/embeddings": answerEmbeddings,
  "POST /v1/rerank": answerRerank,
  "POST /v1/moderations": answerModerations,
  "POST /v1/audio/speech": answerSpeech,
  "POST /v1/audio/transcriptions": answerTranscription,
  "POST /v1/audio/translations": answerTranscription,
  "POST /v1/images/generations": answerImages,
  "GET /v1/models": listModels,
  "POST /hooks": () => ok({ thanks: true }),
  ...INPUTS_ENDPOINTS,
};

/** Azure OpenAI has OpenAI's endpoints under paths of its own. */
const AZURE = /^\/openai\/(?:v1|deployments\/[^/]+)\//;

/** The reply of a well-behaved provider; a 404 in OpenAI's shape where there is no such endpoint. */
export function answer(method: string, path: string, body: JsonObject): Reply {
  const endpoint = ENDPOINTS[`${method} ${path.replace(AZURE, "/v1/")}`];
  return (
    endpoint?.(body) ??
    answerGoogle(method, path, body) ??
    failure(404, `Unknown request URL: ${method} ${path}.`, "unknown_url")
  );
}

function listModels(): Reply {
  const data = MODELS.map((id) => ({ id, object: "model", created: 1_700_000_000, owned_by: "fake" }));
  return ok({ object: "list", data });
}
