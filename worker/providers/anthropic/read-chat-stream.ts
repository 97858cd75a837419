import * as z from "zod/mini";
import type { EventReader, StreamEvent } from "../../domain/routing/adapter.ts";
import { NO_ANSWER } from "../../domain/answers/no-answer.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { asObject, type JsonObject } from "../../domain/requests/json-object.ts";
import { type MessageEvent, parseEvent, readErrorEvent } from "./parse-event.ts";
import { mergeUsage, translateUsage } from "./read-usage.ts";
import { type Ending, ending, type MessageUsage, type ThinkingBlock } from "./schema.ts";
import { translateStopReason } from "./stop-reason.ts";

/** A block that has not ended: the index of its call among the calls, or the thinking so far. */
type OpenBlock =
  | { readonly kind: "tool"; readonly place: number; hasArguments: boolean }
  | { readonly kind: "thinking"; thinking: string; signature: string };

const NOTHING: StreamEvent = { kind: "comment", emit: "" };
const fail = (reason: string): StreamEvent => ({ kind: "error", reason });
/** Thinking is kept until it is complete; a model's longest answer takes a quarter of this. */
const MAX_THINKING_CHARS = 2_000_000;

/** Starts to translate a message stream to the chunks of a chat; `now` is in milliseconds. */
export function readChatStream(now: () => number): EventReader {
  const stream = new ChatStream(Math.floor(now() / 1000));
  const read: EventReader = ({ data }) => {
    const event = parseEvent(data);
    return event ? stream.read(event) : fail("an event is not JSON");
  };
  return Object.assign(read, { end: () => stream.end() });
}

class ChatStream {
  readonly #createdAt: number;
  /** The start of every chunk, as JSON; undefined until the first event, which has the id and the model. */
  #head: string | undefined;
  #spoken = false;
  #calls = 0;
  #thinkingChars = 0;
  #usage: MessageUsage | undefined;
  #ending: Ending = {};
  readonly #open = new Map<unknown, OpenBlock>();
  readonly #thinking: ThinkingBlock[] = [];

  constructor(createdAt: number) {
    this.#createdAt = createdAt;
  }

  read(event: MessageEvent): StreamEvent {
    if (event.type === "error") return readErrorEvent(event);
    if (event.type === "message_start") return this.#start(asObject(event["message"]));
    if (event.type === "ping") return NOTHING;
    if (this.#head === undefined) return fail("a stream that does not begin with message_start");
    if (event.type === "content_block_delta") return this.#add(event["index"], asObject(event["delta"]));
    if (event.type === "content_block_start") return this.#openBlock(event);
    if (event.type === "content_block_stop") return this.#closeBlock(event["index"]);
    if (event.type === "message_delta") return this.#end(event);
    return event.type === "message_stop" ? this.#finish() : NOTHING;
  }

  /** A stream that just ends is whole where it has said why the model stopped. */
  end(): StreamEvent[] {
    return this.#ending.stop_reason ? [this.#finish()] : [];
  }

  /** Emits nothing yet: a stream that fails before its first block can still go to another target. */
  #start(message: JsonObject): StreamEvent {
    this.#usage = mergeUsage(undefined, message["usage"] ?? {});
    const { id, model } = message;
    const head = { id, object: "chat.completion.chunk", created: this.#createdAt, model };
    this.#head = JSON.stringify(head).slice(0, -1);
    return this.#tellUsage("an event's usage is not in counts");
  }

  /** What is known so far; clients are told at the end. */
  #tellUsage(fault: string): StreamEvent {
    if (!this.#usage) return fail(fault);
    return { kind: "usage", usage: translateUsage(this.#usage), only: true, emit: "" };
  }

  #openBlock(event: MessageEvent): StreamEvent {
    const block = asObject(event["content_block"]);
    const { type, id, name, input, text, data } = block;
    if (type === "tool_use") return this.#openCall(event["index"], id, name, input);
    if (type === "thinking") {
      this.#open.set(event["index"], { kind: "thinking", thinking: "", signature: "" });
      return this.#think(event["index"], block);
    }
    if (type === "redacted_thinking" && typeof data === "string")
      this.#thinking.push({ type: "redacted_thinking", data });
    return this.#say("content", typeof text === "string" ? text : "");
  }

  #openCall(index: unknown, id: unknown, name: unknown, input: unknown): StreamEvent {
    if (typeof id !== "string" || typeof name !== "string") return fail("a tool's call has no id or no name");
    const whole = Object.keys(asObject(input)).length > 0 ? JSON.stringify(input) : "";
    const place = this.#calls++;
    this.#open.set(index, { kind: "tool", place, hasArguments: whole !== "" });
    const call = { index: place, id, type: "function", function: { name, arguments: whole } };
    return { kind: "delta", emit: this.#chunk(JSON.stringify({ tool_calls: [call] })) };
  }

  #add(index: unknown, delta: JsonObject): StreamEvent {
    if (delta["type"] === "text_delta") return this.#say("content", delta["text"]);
    if (delta["type"] === "input_json_delta") return this.#addArguments(index, delta["partial_json"]);
    const thinks = delta["type"] === "thinking_delta" || delta["type"] === "signature_delta";
    return thinks ? this.#think(index, delta) : NOTHING;
  }

  #say(field: "content" | "reasoning_content", text: unknown): StreamEvent {
    if (typeof text !== "string") return fail("a delta without its text");
    if (text === "" && this.#spoken) return NOTHING;
    return { kind: "delta", emit: this.#chunk(text === "" ? "" : `{"${field}":${JSON.stringify(text)}}`) };
  }

  #think(index: unknown, { thinking = "", signature = "" }: JsonObject): StreamEvent {
    const block = this.#open.get(index);
    if (block?.kind !== "thinking" || typeof thinking !== "string" || typeof signature !== "string")
      return fail("a thought outside of a thinking block");
    this.#thinkingChars += thinking.length + signature.length;
    if (this.#thinkingChars > MAX_THINKING_CHARS) return fail("the thinking is longer than 2 MB");
    block.thinking += thinking;
    block.signature += signature;
    return this.#say("reasoning_content", thinking);
  }

  /** The input of Anthropic's own tools is not passed on. */
  #addArguments(index: unknown, text: unknown): StreamEvent {
    const call = this.#open.get(index);
    if (call?.kind !== "tool" || text === "") return NOTHING;
    if (typeof text !== "string") return fail("a delta without its text");
    call.hasArguments = true;
    return { kind: "delta", emit: this.#chunk(writeArguments(call.place, text)) };
  }

  /** A call without arguments is "{}" to an OpenAI client, which parses whatever it gets. */
  #closeBlock(index: unknown): StreamEvent {
    const block = this.#open.get(index);
    this.#open.delete(index);
    if (block?.kind === "thinking") {
      const { thinking, signature } = block;
      this.#thinking.push({ type: "thinking", thinking, signature });
    }
    if (block?.kind !== "tool" || block.hasArguments) return NOTHING;
    return { kind: "delta", emit: this.#chunk(writeArguments(block.place, "{}")) };
  }

  /** There may be several; the last one counts. */
  #end(event: MessageEvent): StreamEvent {
    const said = z.safeParse(ending, event["delta"] ?? {});
    const usage = mergeUsage(this.#usage, event["usage"] ?? {});
    if (!said.success || !usage) return fail("a message_delta of another shape");
    this.#ending = { ...this.#ending, ...said.data };
    this.#usage = usage;
    return this.#tellUsage("a message_delta of another shape");
  }

  #finish(): StreamEvent {
    if (!this.#spoken && !this.#ending.stop_reason) return NO_ANSWER;
    const explanation = this.#ending.stop_details?.explanation;
    const delta = {
      ...(explanation ? { refusal: explanation } : {}),
      ...(this.#thinking.length > 0 ? { thinking_blocks: this.#thinking } : {}),
    };
    const reason = translateStopReason(this.#ending.stop_reason);
    const usage = translateUsage(this.#usage ?? {});
    const counted = `${this.#head},"choices":[],"usage":${JSON.stringify(usage)}}`;
    return {
      kind: "several",
      events: [
        { kind: "delta", emit: this.#chunk(JSON.stringify(delta), `"${reason}"`) },
        { kind: "usage", usage, only: true, emit: writeEvent(counted) },
        { kind: "done", emit: writeEvent("[DONE]") },
      ],
    };
  }

  /** Writes a chunk; the first one comes after a chunk with the role. */
  #chunk(delta: string, finishReason = "null"): string {
    const chunk =
      delta === ""
        ? ""
        : writeEvent(
            `${this.#head},"choices":[{"index":0,"delta":${delta},"finish_reason":${finishReason}}]}`,
          );
    if (this.#spoken) return chunk;
    this.#spoken = true;
    return this.#chunk('{"role":"assistant","content":""}') + chunk;
  }
}

const writeArguments = (place: number, text: string) =>
  `{"tool_calls":[{"index":${place},"function":{"arguments":${JSON.stringify(text)}}}]}`;
