import type { Candidate, GeneratedPart } from "./answer-schema.ts";

/** The contents of a candidate's parts, each kind in OpenAI's field for it. */
export interface Said {
  readonly content: string;
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly ToolCall[];
  readonly images?: readonly object[];
  readonly extra_content?: object;
}

interface ToolCall {
  readonly index: number;
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
  readonly extra_content?: object;
}

export interface CallNaming {
  /** The answer's own id: calls that have none are named after it. */
  readonly responseId: string;
  /** How many calls the candidate has made before. */
  readonly calls: number;
}

/**
 * Reads a candidate, or the part of it in one event. Signatures and everything else that OpenAI has no field
 * for go to `extra_content.google`, as in Google's own compatible endpoint: clients that send it back with
 * the conversation lose nothing.
 */
export function readParts(candidate: Candidate, naming: CallNaming): Said {
  const parts = candidate.content?.parts ?? [];
  const texts = parts.filter(isText);
  const thoughts = joinTexts(texts.filter(({ thought }) => thought === true));
  const calls = parts.flatMap(({ functionCall, thoughtSignature }) =>
    functionCall ? { functionCall, thoughtSignature } : [],
  );
  const images = parts.flatMap(({ inlineData }) => (inlineData ? [readImage(inlineData)] : []));
  const extra = readExtra(candidate, parts);
  return {
    content: joinTexts(texts.filter(({ thought }) => thought !== true)),
    ...(thoughts === "" ? {} : { reasoning_content: thoughts }),
    ...(calls.length === 0
      ? {}
      : { tool_calls: calls.map((call, at) => readCall(call, naming.calls + at, naming.responseId)) }),
    ...(images.length === 0 ? {} : { images }),
    ...(Object.keys(extra).length === 0 ? {} : { extra_content: { google: extra } }),
  };
}

const isText = ({ text, functionCall, inlineData }: GeneratedPart): boolean =>
  text !== undefined && !functionCall && !inlineData;

const joinTexts = (parts: readonly GeneratedPart[]): string => parts.map(({ text }) => text).join("");

function readCall(
  { functionCall, thoughtSignature }: Required<Pick<GeneratedPart, "functionCall">> & GeneratedPart,
  index: number,
  responseId: string,
): ToolCall {
  const { id, name, args } = functionCall ?? { name: "" };
  return {
    index,
    id: id ?? `call_${responseId}_${index}`,
    type: "function",
    function: { name, arguments: JSON.stringify(args ?? {}) },
    ...(thoughtSignature === undefined ? {} : signed(thoughtSignature)),
  };
}

const signed = (signature: string) => ({ extra_content: { google: { thought_signature: signature } } });

/** As OpenRouter and others have it, for OpenAI's chat has no pictures in answers. */
const readImage = ({ mimeType, data }: { readonly mimeType: string; readonly data: string }) => ({
  type: "image_url",
  image_url: { url: `data:${mimeType};base64,${data}` },
});

/** The text's signature, parts of other kinds, and Google's other fields of the candidate. */
function readExtra(candidate: Candidate, parts: readonly GeneratedPart[]): Record<string, unknown> {
  const { index: _, content: __, logprobsResult: ___, finishReason, ...extra } = candidate;
  const signature = parts.findLast(
    ({ functionCall, thoughtSignature }) => !functionCall && thoughtSignature !== undefined,
  )?.thoughtSignature;
  const others = parts.filter(
    ({ text, functionCall, inlineData }) => text === undefined && !functionCall && !inlineData,
  );
  return {
    ...extra,
    ...(finishReason === undefined || finishReason === "STOP" ? {} : { finishReason }),
    ...(signature === undefined ? {} : { thought_signature: signature }),
    ...(others.length === 0 ? {} : { parts: others }),
  };
}
