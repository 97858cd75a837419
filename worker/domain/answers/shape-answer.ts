import type {
  ChatRequest,
  ClassifyRequest,
  EmbeddingsRequest,
  RerankRequest,
} from "../../contract/requests.ts";
import type { Usage } from "../../contract/responses.ts";
import type { Answer, AnswerFailure } from "../routing/adapter.ts";
import { findRankingFault, findVectorFault } from "./find-gap.ts";
import { packVector } from "./pack-vector.ts";
import { err, ok, type Result } from "../result.ts";

/**
 * Puts answers of other shapes into the contract's. They are checked against the request first: as many
 * outputs as inputs, and indices that exist. The answer's `model` is the name that the client asked for.
 */
type Shaped = Result<Answer, AnswerFailure>;

const invalid = (reason: string): Result<never, AnswerFailure> => err({ kind: "invalid_response", reason });

const answer = (body: object, usage: Usage | null): Shaped =>
  ok({ body: JSON.stringify({ ...body, ...(usage ? { usage } : {}) }), usage });

/** The texts of an embeddings or classify request; undefined where it holds tokens or pictures. */
export function textsOf(input: EmbeddingsRequest["input"]): readonly string[] | undefined {
  if (typeof input === "string") return [input];
  const texts = (input as readonly unknown[]).filter((item) => typeof item === "string");
  return texts.length === input.length ? texts : undefined;
}

/** The texts of a rerank request's documents; undefined where one is none. */
export function documentTexts({ documents }: RerankRequest): string[] | undefined {
  const texts = documents.map(textOf).filter((text) => text !== undefined);
  return texts.length === documents.length ? texts : undefined;
}

function textOf(document: RerankRequest["documents"][number]): string | undefined {
  if (typeof document === "string") return document;
  return typeof document["text"] === "string" ? document["text"] : undefined;
}

/** Takes one vector an input, in the inputs' order. */
export function shapeEmbeddings(
  vectors: readonly (readonly number[])[],
  input: EmbeddingsRequest,
  usage: Usage | null,
): Shaped {
  const expected = textsOf(input.input)?.length;
  if (vectors.length !== expected) return invalid(`${vectors.length} vectors for ${expected} inputs`);
  const fault = findVectorFault(vectors);
  if (fault !== undefined) return invalid(fault);
  const data = vectors.map((vector, index) => ({
    object: "embedding",
    index,
    embedding: input.encoding_format === "base64" ? packVector(vector) : vector,
  }));
  return answer({ object: "list", model: input.model, data }, usage);
}

export interface Score {
  /** The document's place in the request. */
  readonly index: number;
  readonly score: number;
}

/** Takes scores in any order; gives the best first, as many and with the documents as was asked. */
export function shapeRerank(scores: readonly Score[], input: RerankRequest, usage: Usage | null): Shaped {
  const { documents } = input;
  const fault = findRankingFault(scores, input);
  if (fault !== undefined) return invalid(fault);
  const results = scores
    .toSorted((left, right) => right.score - left.score)
    .slice(0, input.top_n ?? undefined)
    .map(({ index, score }) => ({
      index,
      relevance_score: score,
      ...(input.return_documents === true ? { document: showDocument(documents[index]) } : {}),
    }));
  return answer({ ...RERANK_HEAD, model: input.model, results }, usage);
}

/** What Cohere's clients look for in every answer; made up where the server gives none. */
export const RERANK_HEAD = { id: "rerank-headrace", meta: { api_version: { version: "2" } } } as const;

const showDocument = (document: RerankRequest["documents"][number] | undefined) =>
  typeof document === "string" ? { text: document } : document;

export interface Label {
  readonly label: string;
  readonly score: number;
}

/** Takes the labels of each input, in the inputs' order. */
export function shapeClassify(
  outputs: readonly (readonly Label[])[],
  input: ClassifyRequest,
  usage: Usage | null,
): Shaped {
  const expected = typeof input.input === "string" ? 1 : input.input.length;
  if (outputs.length !== expected) return invalid(`${outputs.length} outputs for ${expected} inputs`);
  const data: object[] = [];
  for (const [index, output] of outputs.entries()) {
    const labels = output.toSorted((left, right) => right.score - left.score);
    const [best] = labels;
    if (!best) return invalid("an output has no label");
    data.push({ index, label: best.label, score: best.score, labels });
  }
  return answer({ object: "list", model: input.model, data }, usage);
}

export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

/** Takes the text and calls of one reply. Its id and time are made up, for the server gives none. */
export function shapeChat(
  reply: { readonly text: string; readonly calls?: readonly ToolCall[] },
  input: ChatRequest,
  usage: Usage | null,
): Shaped {
  const calls = reply.calls ?? [];
  const message = {
    role: "assistant",
    content: reply.text === "" && calls.length > 0 ? null : reply.text,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  const choice = { index: 0, message, finish_reason: calls.length > 0 ? "tool_calls" : "stop" };
  return answer({ ...CHAT_HEAD, object: "chat.completion", model: input.model, choices: [choice] }, usage);
}

export const CHAT_HEAD = { id: "chatcmpl-headrace", created: 0 } as const;
