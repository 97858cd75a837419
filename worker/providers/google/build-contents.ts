import { readJsonObject } from "../../domain/requests/json-object.ts";
import { buildParts, type GooglePart } from "./build-parts.ts";
import { type AssistantMessage, type Message, type ToolCall } from "./chat-input.ts";
import { isThirdOrLater } from "./model-families.ts";

export interface Contents {
  readonly systemInstruction?: { readonly parts: readonly GooglePart[] };
  readonly contents: readonly GoogleContent[];
}

interface GoogleContent {
  readonly role: "user" | "model";
  readonly parts: GooglePart[];
}

/**
 * A conversation in Google's form: the system's messages in a field of their own, the assistant as `model`,
 * and the results of one turn's calls in one content, for there must be as many as calls.
 */
export function buildContents(messages: readonly Message[], model: string): Contents {
  const system: GooglePart[] = [];
  const contents: GoogleContent[] = [];
  const names = new Map<string, string>();
  let results: GooglePart[] | undefined;
  for (const message of messages) {
    if (message.role === "tool") {
      if (!results) contents.push({ role: "user", parts: (results = []) });
      results.push(...buildResult(message, names, model));
      continue;
    }
    results = undefined;
    if (message.role === "assistant") {
      for (const call of message.tool_calls ?? []) names.set(call.id ?? "", call.function.name);
      const parts = buildModelParts(message, model);
      if (parts.length > 0) contents.push({ role: "model", parts });
    } else if (message.role === "user") contents.push({ role: "user", parts: buildParts(message.content) });
    else system.push(...buildParts(message.content));
  }
  return system.length > 0 ? { systemInstruction: { parts: system }, contents } : { contents };
}

/**
 * Gemini 3 refuses a call of its own that comes back without the signature it had. Google's documents
 * name this one for calls that have none: another model's, or a client's that dropped it.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const NO_SIGNATURE = "skip_thought_signature_validator";

function buildModelParts(message: AssistantMessage, model: string): GooglePart[] {
  const own = message.extra_content?.google;
  const parts = buildParts(message.content);
  if (own?.thought_signature) {
    parts.push({ ...(parts.pop() ?? { text: "" }), thoughtSignature: own.thought_signature });
  }
  const calls = message.tool_calls ?? [];
  return [...parts, ...(own?.parts ?? []), ...calls.map((call, index) => buildCall(call, index, model))];
}

/** Of calls made at once only the first has a signature. */
function buildCall(
  { id, function: called, extra_content }: ToolCall,
  index: number,
  model: string,
): GooglePart {
  const missing = index === 0 && isThirdOrLater(model) ? NO_SIGNATURE : undefined;
  const thoughtSignature = extra_content?.google?.thought_signature ?? missing;
  const functionCall = {
    id: id ?? undefined,
    name: called.name,
    args: readJsonObject(called.arguments) ?? {},
  };
  return thoughtSignature === undefined ? { functionCall } : { functionCall, thoughtSignature };
}

/** Google takes an object, and recommends `output` for text; pictures are sent in it or behind it. */
function buildResult(
  { tool_call_id: id, name, content }: Extract<Message, { role: "tool" }>,
  names: ReadonlyMap<string, string>,
  model: string,
): GooglePart[] {
  const all = buildParts(content);
  const texts = all.flatMap(({ text }) => (typeof text === "string" ? text : []));
  const media = all.filter(({ text }) => typeof text !== "string");
  const text = texts.join("\n");
  const response = readJsonObject(text) ?? { output: text };
  const isInside = media.length > 0 && isThirdOrLater(model);
  const parts = isInside ? { parts: media } : {};
  const functionResponse = { id, name: names.get(id) ?? name ?? id, response, ...parts };
  return isInside ? [{ functionResponse }] : [{ functionResponse }, ...media];
}
