import * as z from "zod/mini";
import type { Usage } from "../contract/responses.ts";
import { checkAnswer, parseText } from "../domain/answers/parse-answer.ts";
import { type FinishReason, type Part, Turn } from "./turn.ts";

/**
 * The parts of a chat's answers that dialects read, including fields that some servers add to the contract's.
 */
const text = z.optional(z.nullable(z.string()));
const textPart = z.looseObject({ text });

const message = z.looseObject({
  /** Parts are Mistral's way to tell thinking from text. */
  content: z.optional(
    z.nullable(
      z.union([
        z.string(),
        z.array(
          z.looseObject({
            type: z.optional(z.string()),
            text,
            thinking: z.optional(z.union([z.string(), z.array(textPart)])),
          }),
        ),
      ]),
    ),
  ),
  refusal: text,
  /** DeepSeek's and vLLM's name for it, and OpenRouter's, Groq's and Ollama's. */
  reasoning_content: text,
  reasoning: text,
  tool_calls: z.optional(
    z.nullable(
      z.array(
        z.looseObject({
          index: z.optional(z.nullable(z.number())),
          id: text,
          function: z.optional(z.looseObject({ name: text, arguments: text })),
        }),
      ),
    ),
  ),
});
type Message = z.infer<typeof message>;

const choice = z.looseObject({
  index: z.optional(z.number()),
  message: z.optional(message),
  delta: z.optional(z.nullable(message)),
  finish_reason: z.optional(z.nullable(z.string())),
  /** vLLM's: the stop text that was met, or the id of a stop token. */
  stop_reason: z.optional(z.nullable(z.union([z.string(), z.number()]))),
});

/** A completion, or one chunk of it. */
const answer = z.looseObject({
  id: text,
  created: z.optional(z.nullable(z.number())),
  model: text,
  choices: z._default(z.array(choice), []),
});
export type ChatAnswer = z.infer<typeof answer>;

/** Reads a completion or a chunk; undefined where the text is none. */
export function readChatAnswer(json: string): ChatAnswer | undefined {
  const value = parseText(json);
  const parsed = value.ok ? checkAnswer(answer, value.value) : value;
  return parsed.ok ? parsed.value : undefined;
}

/** The turn that a whole completion holds; undefined where it holds none. */
export function readTurn(json: string, asked: string, usage: Usage | null): Turn | undefined {
  const completion = readChatAnswer(json);
  const said = completion?.choices[0]?.message;
  if (!completion || !said) return undefined;
  const turn = startTurn(completion, asked);
  turn.usage = usage;
  if (!turn.add(readParts(said, true)).ok) return undefined;
  noteEnd(turn, completion);
  turn.finish();
  return turn;
}

/** `asked` is the model that was asked for: some servers do not tell which one answers. */
export const startTurn = ({ id, created, model }: ChatAnswer, asked: string): Turn =>
  new Turn({ id: id ?? undefined, created: created ?? undefined, model: model || asked });

/** What a chunk adds to the first choice: the dialects have no others. */
export function readDelta({ choices }: ChatAnswer): Part[] {
  const delta = choices.find(({ index }) => (index ?? 0) === 0)?.delta;
  return delta ? readParts(delta, false) : [];
}

const FINISH_REASONS: ReadonlySet<string> = new Set(["stop", "length", "tool_calls", "content_filter"]);

/** Notes why the model stopped, where this completion or chunk says it. */
export function noteEnd(turn: Turn, { choices }: ChatAnswer): void {
  const first = choices.find(({ index }) => (index ?? 0) === 0);
  const reason = first?.finish_reason;
  if (typeof reason !== "string" || reason === "") return;
  turn.finishReason = FINISH_REASONS.has(reason) ? (reason as FinishReason) : "stop";
  if (typeof first?.stop_reason === "string") turn.stopSequence = first.stop_reason;
}

function readParts(said: Message, isWhole: boolean): Part[] {
  const reasoning = said.reasoning_content || said.reasoning;
  const parts: Part[] = reasoning ? [{ kind: "reasoning", text: reasoning }] : [];
  parts.push(...readContent(said.content ?? ""));
  if (said.refusal) parts.push({ kind: "refusal", text: said.refusal });
  for (const [position, call] of (said.tool_calls ?? []).entries()) {
    const place = call.index ?? (isWhole ? position : undefined);
    const { name, arguments: json } = call.function ?? {};
    parts.push({ kind: "call", place, id: call.id ?? "", name: name ?? "", text: json ?? "" });
  }
  return parts;
}

function readContent(content: NonNullable<Message["content"]>): Part[] {
  if (typeof content === "string") return content === "" ? [] : [{ kind: "text", text: content }];
  return content.flatMap((part): Part[] => {
    const thinking = joinTexts(part.thinking ?? "");
    if (thinking !== "") return [{ kind: "reasoning", text: thinking }];
    return part.text ? [{ kind: "text", text: part.text }] : [];
  });
}

const joinTexts = (parts: string | readonly z.infer<typeof textPart>[]): string =>
  typeof parts === "string" ? parts : parts.map((part) => part.text ?? "").join("");
