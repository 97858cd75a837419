import type { Preset } from "../../contract/config/presets.ts";
import type { EmbeddingsRequest } from "../../contract/requests.ts";
import { embeddingsResponse } from "../../contract/responses.ts";
import { countInputs, findGap, findVectorFault } from "../../domain/answers/find-gap.ts";
import { packVector } from "../../domain/answers/pack-vector.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Answer, AnswerFailure, HttpTask } from "../../domain/routing/adapter.ts";
import { fitInputType } from "../oddities/fit-input-type.ts";
import { adaptFields } from "./adapt-fields.ts";
import { cohereEmbeddings } from "./cohere-embeddings.ts";
import { readUsage } from "./find-usage.ts";
import { postJson } from "./post-json.ts";
import { readAnswer } from "./read-answer.ts";

/** Embeddings, in the form that the client asked for where the server gives another. */
export function embeddingsTask(preset: Preset): HttpTask<"embeddings"> {
  const path = preset.paths?.embeddings ?? "/embeddings";
  const maxInputs = preset.maxInputs?.embeddings;
  const task =
    preset.embeddings === "cohere" ? cohereEmbeddings(preset, path) : plainEmbeddings(preset, path);
  return maxInputs === undefined ? task : { ...task, maxInputs };
}

const plainEmbeddings = (preset: Preset, path: string): HttpTask<"embeddings"> => ({
  kind: "http",
  buildRequest(input, model, connection) {
    const body = fitInputType(preset, { ...input, model });
    return ok(postJson(connection, path, adaptFields(preset, "embeddings", body)));
  },
  parseResponse: readEmbeddings,
  readUsage,
});

/** OpenAI's own client asks for base64 unasked, and servers of your own may give floats all the same. */
function readEmbeddings(text: string, input: EmbeddingsRequest): Result<Answer, AnswerFailure> {
  let fault: string | undefined;
  const answer = readAnswer(embeddingsResponse, text, ({ data }) => {
    fault = findVectorFault(data.map(({ embedding }) => embedding));
    return findGap(data, countInputs(input.input));
  });
  if (answer.ok && fault !== undefined) return err({ kind: "invalid_response", reason: fault });
  if (!answer.ok || input.encoding_format !== "base64") return answer;
  const body = JSON.parse(text) as { readonly data: readonly { readonly embedding?: unknown }[] };
  if (!body.data.some(({ embedding }) => Array.isArray(embedding))) return answer;
  const data = body.data.map((each) =>
    Array.isArray(each.embedding) ? { ...each, embedding: packVector(each.embedding as number[]) } : each,
  );
  return ok({ ...answer.value, body: JSON.stringify({ ...body, data }) });
}
