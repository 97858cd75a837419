import { embed } from "./embeddings.ts";
import { asText, failure, ok } from "./reply.ts";
import type { JsonObject, Reply } from "./reply.ts";

/** A model server that somebody made at home: `{inputs: […]}` goes in, outputs come out. */
export const INPUTS_ENDPOINTS: Readonly<Record<string, (body: JsonObject) => Reply>> = {
  "POST /v1/embed": withInputs((texts) => ({ results: texts.map((text) => [...embed(text)]) })),
  "POST /v1/predict": withInputs((texts) => ({ results: texts.map(labelsOf) })),
  "POST /v1/rank": withInputs((texts, body) => ({ results: texts.map(countIn(asText(body["query"]))) })),
  "POST /v1/generate": (body) => ok({ text: `echo: ${asText(body["prompt"])}` }),
};

function withInputs(answer: (texts: readonly string[], body: JsonObject) => JsonObject) {
  return (body: JsonObject): Reply => {
    const { inputs } = body;
    return Array.isArray(inputs)
      ? ok(answer(inputs.map(asText), body))
      : failure(422, "No inputs.", "invalid");
  };
}

/** Long texts are `long`, others `short`. */
function labelsOf(text: string): readonly JsonObject[] {
  const score = text.length > 20 ? 0.9 : 0.2;
  return [
    { label: "short", score: 1 - score },
    { label: "long", score },
  ];
}

/** How many of the query's words a text holds. */
function countIn(query: string) {
  return (text: string): number => query.split(" ").filter((word) => text.includes(word)).length;
}
