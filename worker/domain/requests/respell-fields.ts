import type { Task } from "../../contract/requests.ts";
import { isObject, type JsonObject } from "./json-object.ts";

/** A field as another API has it, its name here, and whether it means the same with this value. */
interface Alias {
  readonly theirs: string;
  readonly ours: string;
  readonly fits: (value: unknown) => boolean;
}

const isCount = (value: unknown) => value == null || typeof value === "number";

/** Voyage's and Jina's names. */
const ALIASES: Readonly<Partial<Record<Task, readonly Alias[]>>> = {
  embeddings: [
    { theirs: "output_dimension", ours: "dimensions", fits: isCount },
    {
      theirs: "embedding_type",
      ours: "encoding_format",
      fits: (value) => value === "float" || value === "base64",
    },
  ],
  rerank: [{ theirs: "top_k", ours: "top_n", fits: isCount }],
};

/**
 * Gives a request of Voyage's or Jina's form in ours, so that any provider can be asked it; all else as it is.
 * Where a client sends a field by both names, ours counts.
 */
export function respellFields(task: Task, body: unknown): unknown {
  if (!isObject(body)) return body;
  const aliases = (ALIASES[task] ?? []).filter(({ theirs, fits }) => theirs in body && fits(body[theirs]));
  const texts = task === "embeddings" ? readTexts(body["input"]) : undefined;
  if (aliases.length === 0 && !texts) return body;
  const own = Object.entries(body).filter(([name]) => aliases.every(({ theirs }) => theirs !== name));
  const renamed = aliases.map(({ theirs, ours }) => [ours, body[theirs]] as const);
  return { ...Object.fromEntries(renamed), ...Object.fromEntries(own), ...(texts ? { input: texts } : {}) };
}

/** Jina's inputs, where all of them are texts: `[{ "text": "…" }]`. */
function readTexts(input: unknown): readonly string[] | undefined {
  if (!Array.isArray(input) || input.length === 0) return undefined;
  return input.every(isTextOnly) ? input.map(({ text }) => text) : undefined;
}

const isTextOnly = (item: unknown): item is JsonObject & { readonly text: string } =>
  isObject(item) && typeof item["text"] === "string" && Object.keys(item).length === 1;
