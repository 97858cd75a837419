import type { Usage } from "../../contract/responses.ts";
import { isObject } from "../requests/json-object.ts";

/** English text has about four characters a token, by OpenAI's own rule of thumb. */
const CHARACTERS_PER_TOKEN = 4;

/** Fields of a request that a model reads; the others are only settings. */
const READ_FIELDS = ["system", "instructions", "messages", "prompt", "tools", "input", "query", "documents"];

/** What a picture, a recording or a document counts as, whose size says little of its tokens. */
const TOKENS_PER_FILE = 1500;
/** No word is as long: a text without white space at this length is data. */
const MIN_DATA_CHARS = 2000;

const isData = (text: string): boolean => text.length >= MIN_DATA_CHARS && !/\s/.test(text);

/** Tokens of what a model reads of a request: an estimate, by the length of its texts. */
export function estimateInputTokens(body: Readonly<Record<string, unknown>>): number {
  let files = 0;
  const leaveOutData = (_: string, value: unknown): unknown => {
    if (typeof value !== "string" || !isData(value)) return value;
    files++;
    return "";
  };
  const read = READ_FIELDS.flatMap((field) => body[field] ?? []);
  const characters = JSON.stringify(read, leaveOutData).length;
  return Math.ceil(characters / CHARACTERS_PER_TOKEN) + files * TOKENS_PER_FILE;
}

/**
 * Whether the texts that a model reads of a request have more characters than so many. Cheaper than an estimate,
 * for it stops there.
 */
export function isLongerThan(body: Readonly<Record<string, unknown>>, characters: number): boolean {
  let left = characters;
  const take = (value: unknown): boolean => {
    if (typeof value === "string")
      left -= isData(value) ? TOKENS_PER_FILE * CHARACTERS_PER_TOKEN : value.length;
    else if (Array.isArray(value)) value.some(take);
    else if (isObject(value)) for (const name in value) if (take(value[name])) break;
    return left < 0;
  };
  return READ_FIELDS.some((field) => take(body[field]));
}

/**
 * What a call used, where its provider does not say, or the answer was cut off. Marked as an estimate: good
 * for the order of magnitude of a cost, no more.
 */
export function estimateUsage(body: Readonly<Record<string, unknown>>, completionTokens: number): Usage {
  const promptTokens = estimateInputTokens(body);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    estimated: true,
  };
}

/** Tokens of an answer's text. */
export const estimateTokens = (characters: number): number => Math.ceil(characters / CHARACTERS_PER_TOKEN);
