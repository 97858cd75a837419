import { asText, failure, ok } from "./reply.ts";
import type { JsonObject, Reply } from "./reply.ts";

const PICTURE_BYTES = 300_000;

/** Answers `POST /v1/images/generations` with `n` pictures as base64, large as they are. */
export function answerImages(body: JsonObject): Reply {
  const prompt = asText(body["prompt"]);
  if (prompt === "") return failure(400, "'prompt' is required.", "invalid_request");
  const count = typeof body["n"] === "number" ? body["n"] : 1;
  const picture = { b64_json: Buffer.alloc(PICTURE_BYTES, prompt).toString("base64") };
  return ok({ created: 1_700_000_000, data: Array.from({ length: count }, () => picture) });
}
