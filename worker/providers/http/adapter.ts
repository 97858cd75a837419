import type { HttpTasks } from "../../contract/config/http-tasks.ts";
import type {
  AnswerFailure,
  Connection,
  HttpTask,
  ProviderAdapter,
  ProviderRequest,
} from "../../domain/routing/adapter.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import {
  documentTexts,
  shapeChat,
  shapeClassify,
  shapeEmbeddings,
  shapeRerank,
  textsOf,
} from "../../domain/answers/shape-answer.ts";
import { readLabels, readOutputs, readPlace, readScore, readVector } from "./read-outputs.ts";
import { writePrompt } from "./write-prompt.ts";

/**
 * A model server of your own, as the config describes it: it gets the inputs and what the config adds, and no
 * other field of the client's request. Fields that it could not heed are refused rather than dropped.
 */
export function createHttp(tasks: HttpTasks): ProviderAdapter {
  return {
    ...(tasks.embeddings ? { embeddings: embeddings(tasks.embeddings) } : {}),
    ...(tasks.classify ? { classify: classify(tasks.classify) } : {}),
    ...(tasks.rerank ? { rerank: rerank(tasks.rerank) } : {}),
    ...(tasks.chat ? { chat: chat(tasks.chat) } : {}),
  };
}

type Of<T extends keyof HttpTasks> = NonNullable<HttpTasks[T]>;

function embeddings(task: Of<"embeddings">): HttpTask<"embeddings"> {
  return {
    kind: "http",
    buildRequest(input, model, connection) {
      const texts = textsOf(input.input);
      if (!texts) return refuse("'input' must be text: this provider takes no tokens or pictures.");
      if (input.dimensions != null) return refuse("'dimensions' is not this provider's to choose.");
      return post(task, { [task.inputs]: texts }, model, connection);
    },
    parseResponse(text, input) {
      const vectors = readOutputs(text, task.outputs, (output) => readVector(output, task.vector));
      return vectors.ok ? shapeEmbeddings(vectors.value, input, null) : vectors;
    },
  };
}

function classify(task: Of<"classify">): HttpTask<"classify"> {
  return {
    kind: "http",
    buildRequest: (input, model, connection) =>
      post(task, { [task.inputs]: textsOf(input.input) }, model, connection),
    parseResponse(text, input) {
      const outputs = readOutputs(text, task.outputs, (output) => readLabels(output, task));
      return outputs.ok ? shapeClassify(outputs.value, input, null) : outputs;
    },
  };
}

function rerank(task: Of<"rerank">): HttpTask<"rerank"> {
  return {
    kind: "http",
    buildRequest(input, model, connection) {
      const texts = documentTexts(input);
      if (!texts || typeof input.query !== "string") return refuse("'query' and 'documents' must be text.");
      const body = { [task.query]: input.query, [task.inputs]: texts };
      return post(task, body, model, connection);
    },
    parseResponse(text, input) {
      const scores = readOutputs(text, task.outputs, (output, index) => readScore(output, index, task));
      return scores.ok ? shapeRerank(scores.value, input, null) : scores;
    },
  };
}

function chat(task: Of<"chat">): HttpTask<"chat"> {
  return {
    kind: "http",
    buildRequest(input, model, connection) {
      if (input.stream === true) return refuse("'stream': this provider gives whole answers only.");
      if (Array.isArray(input["tools"]) && input["tools"].length > 0)
        return refuse("'tools': this provider calls none.");
      const prompt = writePrompt(input);
      if (prompt === undefined) return refuse("'messages' must be text: this provider takes nothing else.");
      return post(task, { [task.prompt]: prompt }, model, connection);
    },
    parseResponse(text, input) {
      const found = readPlace(text, task.output);
      if (!found.ok) return found;
      return typeof found.value === "string"
        ? shapeChat({ text: found.value }, input, null)
        : err({ kind: "invalid_response", reason: `no text stands at '${task.output}'` });
    },
  };
}

const refuse = (message: string): Result<never, AnswerFailure> =>
  err({ kind: "invalid_input", reason: message, message });

function post(
  task: Pick<Of<"chat">, "path" | "extra" | "model">,
  said: object,
  model: string,
  { baseUrl, apiKey, headers }: Connection,
): Result<ProviderRequest, never> {
  const key = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const named = task.model === undefined ? {} : { [task.model]: model };
  return ok({
    url: baseUrl + task.path,
    headers: { ...headers, ...key, "content-type": "application/json" },
    body: JSON.stringify({ ...task.extra, ...named, ...said }),
  });
}
