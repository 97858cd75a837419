import type { Usage } from "../contract/responses.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { isJsonObject } from "../domain/requests/json-object.ts";
import { deriveId, type TurnHead } from "./turn-head.ts";

/** Why a model stopped, as chat says it. */
export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter";

/** A piece of an answer: of text, thinking, a refusal or a call; whole or as one chunk brought it. */
export type Part =
  | { readonly kind: "reasoning" | "text" | "refusal"; readonly text: string }
  | {
      readonly kind: "call";
      /** The call's index among the calls, where the provider gives it. */
      readonly place: number | undefined;
      readonly id: string;
      readonly name: string;
      /** Of the arguments' JSON text. */
      readonly text: string;
    };

/** Consecutive parts of one kind, as far as they have come. */
export interface Block {
  readonly kind: Part["kind"];
  /** Its index in the answer. */
  readonly index: number;
  text: string;
  /** The end of the text that no step has had yet; to slice it from the text would copy all of that. */
  untold: string;
  /** The answer broke off inside it. */
  cut: boolean;
  /** Of calls only, as is the name; made up where the provider gives none. */
  id: string;
  name: string;
  readonly place: number | undefined;
}

export type Step =
  | { readonly type: "open" | "close"; readonly block: Block }
  | { readonly type: "extend"; readonly block: Block; readonly text: string };

/** An answer is kept until its end, where dialects repeat it as a whole; no model writes this much. */
const MAX_CHARS = 16 * 1024 * 1024;

/**
 * One answer of a model, put together from parts of any size. Its steps complete one block before the next,
 * as the dialects' streams require: parts of a later block that come while a call's arguments are unfinished
 * are kept back.
 */
export class Turn {
  readonly head: TurnHead;
  readonly blocks: Block[] = [];
  finishReason: FinishReason = "stop";
  /** The text that made the model stop, where the provider tells it. */
  stopSequence: string | undefined;
  usage: Usage | null = null;
  /** The block that the steps are at. */
  #current = 0;
  #isOpen = false;
  #chars = 0;

  constructor(head: TurnHead) {
    this.head = head;
  }

  /** Adds parts; the error says what is wrong with them. */
  add(parts: readonly Part[]): Result<Step[], string> {
    for (const part of parts) {
      this.#chars += part.text.length;
      const block = this.#find(part) ?? this.#append(part);
      if (block.index < this.#current && part.text.trim() !== "") return err(AFTER_ITS_END);
      block.text += part.text;
      block.untold += part.text;
      block.id ||= part.kind === "call" ? part.id : "";
      block.name ||= part.kind === "call" ? part.name : "";
    }
    return this.#chars > MAX_CHARS ? err("the answer is too long") : ok(this.#advance(false));
  }

  /** Ends the answer, for the reason noted. */
  finish(): Step[] {
    // A forced call ends with "stop" at OpenAI; what counts is that the caller is to run something.
    const calls = this.blocks.some(({ kind }) => kind === "call");
    if (calls && this.finishReason === "stop") this.finishReason = "tool_calls";
    const last = this.blocks.at(-1);
    if (last) last.cut = this.finishReason === "length" || this.finishReason === "content_filter";
    return this.#advance(true);
  }

  #find(part: Part): Block | undefined {
    if (part.kind === "call") return this.blocks.findLast((block) => isSameCall(block, part));
    const last = this.blocks.at(-1);
    return last?.kind === part.kind ? last : undefined;
  }

  #append(part: Part): Block {
    const place = part.kind === "call" ? part.place : undefined;
    const index = this.blocks.length;
    const text = { text: "", untold: "", cut: false };
    const block: Block = { kind: part.kind, index, ...text, id: "", name: "", place };
    this.blocks.push(block);
    return block;
  }

  #advance(ending: boolean): Step[] {
    const steps: Step[] = [];
    for (;;) {
      const block = this.blocks[this.#current];
      if (!block || (!ending && block.kind === "call" && block.name === "")) return steps;
      steps.push(...this.#tell(block));
      const hasNext = block.index < this.blocks.length - 1;
      if (!ending && !(hasNext && isWhole(block))) return steps;
      steps.push({ type: "close", block });
      this.#current++;
      this.#isOpen = false;
    }
  }

  #tell(block: Block): Step[] {
    if (block.kind === "call") block.id ||= `call_${deriveId(this.head)}_${block.index}`;
    const steps: Step[] = this.#isOpen ? [] : [{ type: "open", block }];
    this.#isOpen = true;
    if (block.untold !== "") steps.push({ type: "extend", block, text: block.untold });
    block.untold = "";
    return steps;
  }
}

const AFTER_ITS_END = "a tool call goes on after its end";

/** Some servers number every call 0, some number none; another id is another call. */
function isSameCall(block: Block, part: Extract<Part, { kind: "call" }>): boolean {
  if (block.kind !== "call") return false;
  const samePlace = part.place === undefined || part.place === block.place;
  return samePlace && (part.id === "" || block.id === "" || part.id === block.id);
}

const isWhole = (block: Block) => block.kind !== "call" || isJsonObject(block.text);
