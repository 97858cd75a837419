import { isObject } from "../requests/json-object.ts";
import { addText, START } from "./spread.ts";

/**
 * How a prompt begins, by which its provider finds it in its prompt cache: the system's words, the tools, and all up
 * to the user's first message. A conversation keeps its prefix for as long as it lasts. Counts are tokens, estimated.
 */
export interface PromptPrefix {
  /** The same for the same prefix, wherever it is computed. */
  readonly hash: number;
  readonly tokens: number;
  /** The whole prompt. */
  readonly promptTokens: number;
  /** What was sent before, as far as it can be told: up to the assistant's last turn; 0 at the first turn. */
  readonly sentTokens: number;
}

const CHARACTERS_PER_TOKEN = 4;
const TOKENS_PER_FILE = 1500;
/** No word is as long: a text without white space at this length is data. */
const MIN_DATA_CHARS = 2000;
/** Of a long text, this much of its beginning and of its end is hashed, with its length. */
const HASHED_CHARS = 256;
const MAX_HASHED_TEXTS = 64;
const MAX_DEPTH = 16;

/** What may change from turn to turn, or is written in several ways, with the prompt being the same. */
const CHANGING: ReadonlySet<string> = new Set(["cache_control", "type", "role", "id", "status"]);
const FIRST = ["system", "instructions", "tools", "functions"] as const;
const REST = ["prompt", "query", "documents"] as const;

/** Reads the prefix of a request of any task; what has no turns is all prefix. */
export function readPrefix(body: Readonly<Record<string, unknown>>): PromptPrefix {
  const reading = new Reading();
  for (const field of FIRST) reading.read(body[field]);
  const { messages, input } = body;
  reading.readTurns(Array.isArray(messages) ? messages : input);
  for (const field of REST) reading.read(body[field]);
  return reading.end();
}

class Reading {
  #hash = START;
  #texts = 0;
  #characters = 0;
  #files = 0;
  #prefixTokens: number | undefined;
  #sentTokens = 0;

  readTurns(turns: unknown): void {
    if (!Array.isArray(turns)) return this.read(turns);
    for (const turn of turns as readonly unknown[]) {
      this.read(turn);
      const role = isObject(turn) ? turn["role"] : undefined;
      if (role === "user") this.#prefixTokens ??= this.#tokens();
      else if (role === "assistant") this.#sentTokens = this.#tokens();
    }
  }

  read(value: unknown, depth = 0): void {
    if (typeof value === "string") this.#add(value);
    else if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return;
    else if (Array.isArray(value)) for (const each of value) this.read(each, depth + 1);
    else {
      for (const name in value) {
        if (!CHANGING.has(name)) this.read((value as Record<string, unknown>)[name], depth + 1);
      }
    }
  }

  #add(text: string): void {
    if (text.length >= MIN_DATA_CHARS && !/\s/.test(text.slice(0, MIN_DATA_CHARS))) this.#files++;
    else this.#characters += text.length;
    if (this.#prefixTokens !== undefined || this.#texts++ >= MAX_HASHED_TEXTS) return;
    const { length } = text;
    this.#hash = addText(this.#hash, text, 0, Math.min(length, HASHED_CHARS)) ^ length;
    this.#hash = addText(this.#hash, text, Math.max(HASHED_CHARS, length - HASHED_CHARS), length);
  }

  #tokens(): number {
    return Math.ceil(this.#characters / CHARACTERS_PER_TOKEN) + this.#files * TOKENS_PER_FILE;
  }

  end(): PromptPrefix {
    const promptTokens = this.#tokens();
    const tokens = this.#prefixTokens ?? promptTokens;
    return { hash: this.#hash, tokens, promptTokens, sentTokens: this.#sentTokens };
  }
}
