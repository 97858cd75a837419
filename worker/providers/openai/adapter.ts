import type { Connection, HttpTask, ProviderAdapter, ProviderRequest } from "../../domain/adapter.ts";
import type { Task } from "../../contract/requests.ts";
import { chatCompletion, embeddingsResponse, rerankResponse } from "../../contract/responses.ts";
import { ok, type Result } from "../../domain/result.ts";
import { readAnswer } from "./read-answer.ts";
import { readEvent } from "./read-event.ts";

/**
 * Any server that speaks OpenAI's API: OpenAI, Ollama, vLLM, Groq, Together, text-embeddings-inference
 * and many more. The client's body goes up as it came, with the target's model in it.
 */
export const openai: ProviderAdapter = {
  chat: {
    kind: "http",
    buildRequest: (input, model, connection) =>
      post(
        connection,
        "/chat/completions",
        input.stream === true ? askForUsage(input, model) : { ...input, model },
      ),
    parseResponse: (text) => readAnswer(chatCompletion, text),
    readStream: () => readEvent,
  },
  embeddings: plain<"embeddings">("/embeddings", (text) => readAnswer(embeddingsResponse, text)),
  rerank: plain<"rerank">("/rerank", (text) => readAnswer(rerankResponse, text)),
};

function plain<T extends Task>(path: string, parseResponse: HttpTask<T>["parseResponse"]): HttpTask<T> {
  return {
    kind: "http",
    buildRequest: (input, model, connection) => post(connection, path, { ...input, model }),
    parseResponse,
  };
}

/** A stream says what it used only where it is asked to; the client sees that event only if it asked too. */
function askForUsage(input: { stream_options?: object | null | undefined }, model: string): object {
  return { ...input, model, stream_options: { ...input.stream_options, include_usage: true } };
}

function post(connection: Connection, path: string, body: object): Result<ProviderRequest, never> {
  const authorization =
    connection.apiKey === undefined ? {} : { authorization: `Bearer ${connection.apiKey}` };
  return ok({
    url: connection.baseUrl + path,
    headers: { ...connection.headers, ...authorization, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}
