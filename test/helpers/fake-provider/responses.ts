import { asObject, asText, countTokens, ok } from "./reply.ts";
import type { JsonObject, Reply } from "./reply.ts";

/** Answers `POST /v1/responses` with `native echo: <the input>`; a stream has one event a word. */
export function answerResponses(body: JsonObject): Reply {
  const prompt = lastText(body["input"]);
  const text = `native echo: ${prompt}`;
  const done = buildResponse(body, "completed", text);
  if (body["stream"] !== true) return ok(done);
  const words = text.match(/\s*\S+/gu) ?? [];
  const place = { item_id: "msg_1", output_index: 0, content_index: 0 };
  const [item] = done["output"] as readonly JsonObject[];
  const part = { type: "output_text", text: "", annotations: [], logprobs: [] };
  const events = [
    { type: "response.created", response: buildResponse(body, "in_progress", "") },
    { type: "response.output_item.added", output_index: 0, item: { ...item, content: [] } },
    { type: "response.content_part.added", ...place, part },
    ...words.map((delta) => ({ type: "response.output_text.delta", ...place, delta, logprobs: [] })),
    { type: "response.output_text.done", ...place, text, logprobs: [] },
    { type: "response.content_part.done", ...place, part: { ...part, text } },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: done },
  ];
  return { kind: "stream", events: events.map((event, at) => ({ ...event, sequence_number: at })) };
}

function buildResponse(body: JsonObject, status: string, text: string): JsonObject {
  const content = [{ type: "output_text", text, annotations: [], logprobs: [] }];
  const item = { id: "msg_1", type: "message", role: "assistant", status: "completed", content };
  const input = countTokens(lastText(body["input"]));
  const output = countTokens(text);
  return {
    id: "resp_native",
    object: "response",
    created_at: 1_700_000_000,
    status,
    model: body["model"],
    metadata: body["metadata"] ?? {},
    output: text === "" ? [] : [item],
    usage: text === "" ? null : { input_tokens: input, output_tokens: output, total_tokens: input + output },
  };
}

function lastText(input: unknown): string {
  if (!Array.isArray(input)) return asText(input);
  const content = asObject(input.at(-1))["content"];
  if (!Array.isArray(content)) return asText(content);
  return content.map((part) => asText(asObject(part)["text"])).join("");
}
