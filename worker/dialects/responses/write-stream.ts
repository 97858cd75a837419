import type { TaskRequests } from "../../contract/requests.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import type { TurnWriter } from "../dialect.ts";
import type { Block } from "../turn.ts";
import {
  finishResponse,
  isFreeText,
  type ItemContext,
  itemId,
  openItems,
  startItem,
  startResponse,
  writeItem,
  writePart,
} from "./response-object.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The prefix of the events for a block's text, and the field of the last one that has the whole text. */
const TEXT_EVENTS = {
  text: { name: "output_text", whole: "text" },
  reasoning: { name: "reasoning_text", whole: "text" },
  refusal: { name: "refusal", whole: "refusal" },
  call: { name: "function_call_arguments", whole: "arguments" },
} as const;

/** Writes one response's events: https://platform.openai.com/docs/api-reference/responses-streaming */
export function openStream(input: TaskRequests["responses"]): TurnWriter {
  let sequence = 0;
  let context: ItemContext = openItems({ id: undefined, created: undefined, model: input.model }, input);
  const write = (type: string, fields: Fields) => {
    const event = { type: `response.${type}`, sequence_number: sequence++, ...fields };
    return writeEvent(JSON.stringify(event), event.type);
  };
  /** Calls have no content parts, only arguments. */
  const place = (block: Block) => ({
    item_id: itemId(block, context),
    output_index: block.index,
    ...(block.kind === "call" ? {} : { content_index: 0 }),
  });
  const writePartEvent = (when: "added" | "done", block: Block, text: string) =>
    block.kind === "call"
      ? ""
      : write(`content_part.${when}`, { ...place(block), part: writePart(block.kind, text) });
  return {
    start(told) {
      context = { ...context, head: told };
      const response = startResponse(told, input);
      return write("created", { response }) + write("in_progress", { response });
    },
    open: (block) =>
      write("output_item.added", { output_index: block.index, item: startItem(block, context) }) +
      writePartEvent("added", block, ""),
    extend: (block, delta) =>
      // Its text is inside of JSON, and can be read when that is whole.
      isFreeText(block, context)
        ? ""
        : write(`${TEXT_EVENTS[block.kind].name}.delta`, { ...place(block), delta, ...noLogprobs(block) }),
    close(block) {
      const item = writeItem(block, context);
      const done = { output_index: block.index, item };
      if (isFreeText(block, context)) {
        return writeFreeText(write, place(block), item["input"]) + write("output_item.done", done);
      }
      const { name, whole } = TEXT_EVENTS[block.kind];
      const named = block.kind === "call" ? { name: context.findTool(block.name)?.name ?? block.name } : {};
      return (
        write(`${name}.done`, { ...place(block), [whole]: block.text, ...named, ...noLogprobs(block) }) +
        writePartEvent("done", block, block.text) +
        write("output_item.done", done)
      );
    },
    end(turn) {
      const response = finishResponse(turn, input, context);
      return write(String(response["status"]), { response });
    },
  };
}

/** The text that a tool is called with, which is known when its JSON is whole. */
const writeFreeText = (write: (type: string, fields: Fields) => string, place: Fields, text: unknown) =>
  write("custom_tool_call_input.delta", { ...place, delta: text }) +
  write("custom_tool_call_input.done", { ...place, input: text });

/** The API's clients require the field. */
const noLogprobs = (block: Block) => (block.kind === "text" ? { logprobs: [] } : {});
