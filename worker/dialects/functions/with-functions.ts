import { cutEvents, readData, writeEvent } from "../../domain/answers/server-sent-events.ts";
import { asObject, type JsonObject, readJsonObject } from "../../domain/requests/json-object.ts";
import { ok } from "../../domain/result.ts";
import type { EventReader, HttpTask, ProviderAdapter, StreamEvent } from "../../domain/routing/adapter.ts";
import { toTools, usesFunctions } from "./to-tools.ts";

/**
 * Adds OpenAI's form from before tools, `functions` and `function_call`, to a provider whose chat has tools only.
 * Answers are in the form of their request.
 */
export function withFunctions(adapter: ProviderAdapter): ProviderAdapter {
  const { chat } = adapter;
  return chat?.kind === "http" ? { ...adapter, chat: addFunctions(chat) } : adapter;
}

function addFunctions(chat: HttpTask<"chat">): HttpTask<"chat"> {
  return {
    ...chat,
    buildRequest: (input, model, connection) =>
      chat.buildRequest(usesFunctions(input) ? toTools(input) : input, model, connection),
    parseResponse(text, input) {
      if (!usesFunctions(input)) return chat.parseResponse(text, input);
      const answer = chat.parseResponse(text, toTools(input));
      return answer.ok ? ok({ ...answer.value, body: writeWhole(answer.value.body) }) : answer;
    },
    ...(chat.readStream && {
      readStream: (input) => openStream(chat, input),
    }),
  };
}

function openStream(
  chat: HttpTask<"chat">,
  input: Parameters<HttpTask<"chat">["parseResponse"]>[1],
): EventReader {
  const read = chat.readStream?.(usesFunctions(input) ? toTools(input) : input);
  if (!read) return () => ({ kind: "error", reason: "this chat does not stream" });
  if (!usesFunctions(input)) return read;
  const reader: EventReader = (event) => translate(read(event), writeEvent(event.data, event.name));
  const end = () => (read.end?.() ?? []).map((event) => translate(event, ""));
  return read.end ? Object.assign(reader, { end }) : reader;
}

/** `came`: the event itself, which clients get where nothing is emitted instead. */
function translate(event: StreamEvent, came: string): StreamEvent {
  if (event.kind === "several")
    return { kind: "several", events: event.events.map((each) => translate(each, "")) };
  if (event.kind === "error") return event;
  return {
    ...event,
    emit: cutEvents(event.emit ?? came)
      .events.map(writeChunk)
      .join(""),
  };
}

function writeChunk(event: string): string {
  const chunk = readJsonObject(readData(event) ?? "");
  return chunk ? writeEvent(JSON.stringify(writeChoices(chunk, "delta"))) : event;
}

const writeWhole = (text: string): string =>
  JSON.stringify(writeChoices(readJsonObject(text) ?? {}, "message"));

function writeChoices(answer: JsonObject, said: "delta" | "message"): JsonObject {
  const { choices } = answer;
  if (!Array.isArray(choices)) return answer;
  return { ...answer, choices: choices.map((choice: unknown) => writeChoice(asObject(choice), said)) };
}

/** The old form has one call, even where a server makes several at once. */
const isFirst = ({ index }: JsonObject): boolean => index == null || index === 0;

function writeChoice(choice: JsonObject, said: "delta" | "message"): JsonObject {
  const { tool_calls: calls, ...rest } = asObject(choice[said]);
  const call = Array.isArray(calls) ? (calls as readonly unknown[]).map(asObject).find(isFirst) : undefined;
  const called = call ? { function_call: call["function"] } : {};
  const reason = choice["finish_reason"];
  return {
    ...choice,
    [said]: { ...rest, ...called },
    finish_reason: reason === "tool_calls" ? "function_call" : (reason ?? null),
  };
}
