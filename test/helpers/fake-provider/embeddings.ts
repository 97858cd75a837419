import { countTokens, failure, ok } from "./reply.ts";
import type { JsonObject, Reply } from "./reply.ts";

const DEFAULT_DIMENSIONS = 8;

/**
 * Answers `POST /v1/embeddings`: a unit vector that depends on the text (or tokens) and on nothing
 * else, so that a test can tell whose vector it got.
 */
export function answerEmbeddings(body: JsonObject): Reply {
  const inputs = listInputs(body["input"]);
  if (inputs === undefined) return failure(400, "'input' is required.", "invalid_request");
  const dimensions = typeof body["dimensions"] === "number" ? body["dimensions"] : DEFAULT_DIMENSIONS;
  const encode = body["encoding_format"] === "base64" ? encodeBase64 : (vector: Float32Array) => [...vector];
  const data = inputs.map((input, index) => ({
    object: "embedding",
    index,
    embedding: encode(embed(keyOf(input), dimensions)),
  }));
  const tokens = inputs.reduce<number>((sum, input) => sum + tokensOf(input), 0);
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return ok({ object: "list", model: String(body["model"]), data, usage });
}

/** The vector the provider gives a text: tests compare against it. */
export function embed(text: string, dimensions: number = DEFAULT_DIMENSIONS): Float32Array {
  let state = seedOf(text);
  const vector = Float32Array.from({ length: dimensions }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

type Input = string | readonly number[];

function listInputs(input: unknown): readonly Input[] | undefined {
  if (typeof input === "string") return [input];
  if (!Array.isArray(input) || input.length === 0) return undefined;
  if (input.every((item) => typeof item === "number")) return [input];
  const valid = input.every((item) => typeof item === "string" || Array.isArray(item));
  return valid ? (input as readonly Input[]) : undefined;
}

const keyOf = (input: Input): string => (typeof input === "string" ? input : JSON.stringify(input));
const tokensOf = (input: Input): number => (typeof input === "string" ? countTokens(input) : input.length);

function encodeBase64(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");
}

/** FNV-1a, 32 bits. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
