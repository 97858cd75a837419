import type { ChatRequest } from "../../contract/requests.ts";
import { type ChatCompletionChunk, chatCompletionChunk, type Usage } from "../../contract/responses.ts";
import type { EventReader, StreamEvent } from "../../domain/routing/adapter.ts";
import { NO_ANSWER } from "../../domain/answers/no-answer.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { CHAT_HEAD, type ToolCall } from "../../domain/answers/shape-answer.ts";
import { speaks } from "../openai/speaks.ts";
import { readCalls, writeText } from "./read-chat.ts";
import { errorSchema, replySchema } from "./schema.ts";

/**
 * Starts to read one stream of `data: {"response":"…"}` with `[DONE]` at its end, and writes it as OpenAI's
 * chunks. Events that are chunks already, as newer models send them, are passed on unchanged.
 */
export function createChatReader(input: ChatRequest): EventReader {
  const chunks = new Chunks(input.model);
  const read: EventReader = (event) => {
    const data = event.data.trim();
    if (data === "[DONE]") return chunks.finish(data);
    const openai = parseAnswer(chatCompletionChunk, data);
    if (openai.ok) return chunks.passOn(openai.value);
    const failed = parseAnswer(errorSchema, data);
    if (!failed.ok) return { kind: "error", reason: "an event is not JSON of a known shape" };
    const { error, errors } = failed.value;
    const reason = typeof error === "string" ? error : (error ?? errors?.[0])?.message;
    if (error || errors?.length) return { kind: "error", reason: reason ?? "unnamed" };
    const reply = parseAnswer(replySchema, data);
    return reply.ok ? chunks.tell(reply.value) : { kind: "error", reason: reply.error.reason };
  };
  return Object.assign(read, { end: () => chunks.end() });
}

interface Reply {
  readonly response?: unknown;
  readonly tool_calls?: Parameters<typeof readCalls>[0];
  readonly usage?: Usage | null | undefined;
}

/** Writes the chunks of one stream: the first names the role, the last the reason to end. */
class Chunks {
  readonly #model: string;
  #begun = false;
  #passedOn = false;
  #finished = false;
  /** There was an event that belongs to an answer, be it an empty one. */
  #answered = false;
  #calls = 0;

  constructor(model: string) {
    this.#model = model;
  }

  passOn(chunk: ChatCompletionChunk): StreamEvent {
    this.#passedOn = true;
    const { choices, usage } = chunk;
    this.#finished ||= choices.some(({ finish_reason: reason }) => typeof reason === "string");
    const isSaid = speaks(chunk);
    this.#answered ||= isSaid;
    if (!usage) return { kind: isSaid ? "delta" : "comment" };
    return { kind: "usage", usage, only: choices.length === 0, ...(isSaid ? { speaks: true } : {}) };
  }

  /** A stream that just ends is whole where a chunk has given the reason why. */
  end(): StreamEvent[] {
    return this.#finished ? [{ kind: "done", emit: writeEvent("[DONE]") }] : [];
  }

  tell({ response, tool_calls: called, usage }: Reply): StreamEvent {
    const calls = readCalls(called, this.#calls);
    if (!calls) return { kind: "error", reason: "a call of a tool has no name" };
    const text = writeText(response);
    this.#answered ||= response !== undefined || calls.length > 0;
    if (text === "" && calls.length === 0) return this.#tellUsage(usage);
    const delta = {
      ...(this.#begun ? {} : { role: "assistant" }),
      ...(text === "" ? {} : { content: text }),
      ...(calls.length > 0 ? { tool_calls: calls.map((call) => this.#number(call)) } : {}),
    };
    this.#begun = true;
    const emit = this.#write({ index: 0, delta, finish_reason: null });
    if (!usage) return { kind: "delta", emit };
    // Where every event has the usage so far, the last one counts; clients get none of them.
    return {
      kind: "several",
      events: [
        { kind: "delta", emit },
        { kind: "usage", usage, only: false, emit: "" },
      ],
    };
  }

  finish(data: string): StreamEvent {
    if (!this.#answered) return NO_ANSWER;
    return { kind: "done", emit: this.#last() + writeEvent(data) };
  }

  #last(): string {
    const reason = this.#calls > 0 ? "tool_calls" : "stop";
    return this.#passedOn ? "" : this.#write({ index: 0, delta: {}, finish_reason: reason });
  }

  #tellUsage(usage: Usage | null | undefined): StreamEvent {
    if (!usage) return { kind: "comment", emit: "" };
    const chunk = { ...CHAT_HEAD, object: "chat.completion.chunk", model: this.#model, choices: [], usage };
    return { kind: "usage", usage, only: true, emit: writeEvent(JSON.stringify(chunk)) };
  }

  #number(call: ToolCall): object {
    return { index: this.#calls++, ...call };
  }

  #write(choice: object): string {
    const chunk = { ...CHAT_HEAD, object: "chat.completion.chunk", model: this.#model, choices: [choice] };
    return writeEvent(JSON.stringify(chunk));
  }
}
