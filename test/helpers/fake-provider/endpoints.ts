import { answerChat } from "./chat.ts";
import { answerEmbeddings } from "./embeddings.ts";
import { failure, ok } from "./reply.ts";
import type { JsonObject, Reply } from "./reply.ts";
import { answerRerank } from "./rerank.ts";

const MODELS = ["fake-chat", "fake-embedding", "fake-rerank"] as const;

const ENDPOINTS: Readonly<Record<string, (body: JsonObject) => Reply>> = {
  "POST /v1/chat/completions": answerChat,
  "POST /v1/embeddings": answerEmbeddings,
  "POST /v1/rerank": answerRerank,
  "GET /v1/models": listModels,
};

/** The reply of a well-behaved provider; a 404 in OpenAI's shape where there is no such endpoint. */
export function answer(method: string, path: string, body: JsonObject): Reply {
  const endpoint = ENDPOINTS[`${method} ${path}`];
  return endpoint?.(body) ?? failure(404, `Unknown request URL: ${method} ${path}.`, "unknown_url");
}

function listModels(): Reply {
  const data = MODELS.map((id) => ({ id, object: "model", created: 1_700_000_000, owned_by: "fake" }));
  return ok({ object: "list", data });
}
