import type { Task } from "../../contract/requests.ts";
import { readPurpose } from "./embedding-purpose.ts";
import { isObject, type JsonObject } from "./json-object.ts";

/** A field as another API has it, its name here, and whether it means the same with this value. */
interface Alias {
  readonly theirs: string;
  readonly ours: string;
  readonly fits: (value: unknown) => boolean;
}

const isNumber = (value: unknown) => typeof value === "number";
const isFlag = (value: unknown) => typeof value === "boolean";

/** Voyage's and Jina's names. */
const ALIASES: Readonly<Partial<Record<Task, readonly Alias[]>>> = {
  embeddings: [
    { theirs: "output_dimension", ours: "dimensions", fits: isNumber },
    {
      theirs: "embedding_type",
      ours: "encoding_format",
      fits: (value) => value === "float" || value === "base64",
    },
    { theirs: "task", ours: "input_type", fits: (value) => readPurpose(value) !== undefined },
    { theirs: "truncate", ours: "truncation", fits: isFlag },
  ],
  rerank: [{ theirs: "top_k", ours: "top_n", fits: isNumber }],
};

/**
 * Gives a request of Voyage's or Jina's form in ours, so that any provider can be asked it; all else as it is.
 * Where a client sends a field by both names, ours counts. A field that is null is not there: Voyage's client
 * sends such, and other providers refuse to be sent a field that they do not know.
 */
export function respellFields(task: Task, body: unknown): unknown {
  const known = ALIASES[task];
  if (!known || !isObject(body)) return body;
  const sent = Object.entries(body).filter(
    ([name, value]) => value !== null && !isImplied(task, name, value),
  );
  const aliases = known.filter(({ theirs, fits }) => theirs in body && fits(body[theirs]));
  const texts = task === "embeddings" ? readTexts(body["input"]) : undefined;
  if (aliases.length === 0 && !texts && sent.length === Object.keys(body).length) return body;
  const own = sent.filter(([name]) => aliases.every(({ theirs }) => theirs !== name));
  const renamed = aliases.map(({ theirs, ours }) => [ours, body[theirs]] as const);
  return { ...Object.fromEntries(renamed), ...Object.fromEntries(own), ...(texts ? { input: texts } : {}) };
}

/** That documents may be cut is what all do that rank them; only Voyage's clients say it. */
const isImplied = (task: Task, name: string, value: unknown): boolean =>
  task === "rerank" && name === "truncation" && value === true;

/** Jina's inputs, where all of them are texts: `[{ "text": "…" }]`. */
function readTexts(input: unknown): readonly string[] | undefined {
  if (!Array.isArray(input) || input.length === 0) return undefined;
  return input.every(isTextOnly) ? input.map(({ text }) => text) : undefined;
}

const isTextOnly = (item: unknown): item is JsonObject & { readonly text: string } =>
  isObject(item) && typeof item["text"] === "string" && Object.keys(item).length === 1;
