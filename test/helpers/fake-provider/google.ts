import { embed } from "./embeddings.ts";
import { asObject, asText, countTokens, ok } from "./reply.ts";
import type { JsonObject, Reply } from "./reply.ts";

const PATH = /^\/v1beta\/(models\/[\w.-]+):(\w+)$/;

/** What a generateContent request may hold; Google refuses any other name. */
const FIELDS = new Set([
  "contents",
  "systemInstruction",
  "tools",
  "toolConfig",
  "generationConfig",
  "safetySettings",
  "cachedContent",
]);

const SIGNATURE = "c2lnbmF0dXJl";

/** Answers a path of Gemini's API; undefined where it is none. */
export function answerGoogle(method: string, path: string, body: JsonObject): Reply | undefined {
  const [, model = "", action] = (method === "POST" && PATH.exec(path)) || [];
  if (action === "generateContent") return generate(model, body, false);
  if (action === "streamGenerateContent") return generate(model, body, true);
  return action === "batchEmbedContents" ? embedAll(body) : undefined;
}

/** A refusal in Google's shape. */
function refuse(code: number, status: string, message: string): Reply {
  return { kind: "json", status: code, body: { error: { code, message, status } } };
}

/**
 * Says `echo: <the last text>`, after a thought where thoughts are asked for, or calls the first
 * function where one must be called. Models of the third generation insist on signatures.
 */
function generate(model: string, body: JsonObject, streamed: boolean): Reply {
  const unknown = Object.keys(body).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) {
    const message = `Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`;
    return refuse(400, "INVALID_ARGUMENT", message);
  }
  const parts = listParts(body["contents"]);
  if (model.includes("gemini-3") && parts.some(lacksSignature)) {
    return refuse(400, "INVALID_ARGUMENT", "Function call is missing a thought_signature.");
  }
  const said = say(body, asText(parts.findLast((part) => "text" in part)?.["text"]));
  const answers = said.map((part) => wrap(model, [part]));
  const last = { ...wrap(model, []), usageMetadata: count(parts, said) };
  const finished = { ...last, candidates: [{ finishReason: "STOP", index: 0 }] };
  if (streamed) return { kind: "stream", events: [...answers, finished], done: false };
  const candidates = [{ content: { role: "model", parts: said }, finishReason: "STOP", index: 0 }];
  return ok({ ...finished, candidates });
}

function wrap(model: string, parts: readonly JsonObject[]): JsonObject {
  const modelVersion = model.slice("models/".length);
  return {
    candidates: [{ content: { role: "model", parts }, index: 0 }],
    modelVersion,
    responseId: "fAkE1d",
  };
}

function say(body: JsonObject, prompt: string): readonly JsonObject[] {
  const config = asObject(asObject(body["generationConfig"])["thinkingConfig"]);
  const thoughts = config["includeThoughts"] === true ? [{ text: "Thinking.", thought: true }] : [];
  const mode = asObject(asObject(body["toolConfig"])["functionCallingConfig"])["mode"];
  const [tool] = Array.isArray(body["tools"]) ? body["tools"] : [];
  const declared = asObject(tool)["functionDeclarations"];
  if (mode === "ANY" && Array.isArray(declared)) {
    const functionCall = { name: asObject(declared[0])["name"], args: { text: prompt } };
    return [...thoughts, { functionCall, thoughtSignature: SIGNATURE }];
  }
  return [...thoughts, { text: "echo:" }, { text: ` ${prompt}` }];
}

function count(read: readonly JsonObject[], said: readonly JsonObject[]): JsonObject {
  const sum = (parts: readonly JsonObject[]) =>
    parts.reduce<number>((all, part) => all + countTokens(asText(part["text"])), 0);
  const thoughts = sum(said.filter(({ thought }) => thought === true));
  const [prompt, candidates] = [sum(read), sum(said) - thoughts];
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: candidates,
    thoughtsTokenCount: thoughts,
    totalTokenCount: prompt + candidates + thoughts,
  };
}

function listParts(contents: unknown): readonly JsonObject[] {
  if (!Array.isArray(contents)) return [];
  return contents.flatMap((content) => {
    const parts = asObject(content)["parts"];
    return Array.isArray(parts) ? parts.map(asObject) : [];
  });
}

const lacksSignature = (part: JsonObject): boolean => "functionCall" in part && !("thoughtSignature" in part);

function embedAll({ requests }: JsonObject): Reply {
  if (!Array.isArray(requests)) return refuse(400, "INVALID_ARGUMENT", "requests is required");
  const embeddings = requests.map((request) => {
    const { content, outputDimensionality: size } = asObject(request);
    const [part] = listParts([content]);
    return { values: [...embed(asText(part?.["text"]), typeof size === "number" ? size : undefined)] };
  });
  return ok({ embeddings });
}
