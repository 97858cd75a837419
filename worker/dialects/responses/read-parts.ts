import { type ContentPart, textPart } from "../chat-message.ts";
import { notInChat, quote, type Refusals } from "../refusals.ts";
import * as items from "./items.ts";

/** Reads the content of an item as the parts of a chat's message. */
export function readParts(
  content: string | readonly object[],
  path: string,
  refusals: Refusals,
): ContentPart[] {
  if (typeof content === "string") return [textPart(content)];
  return content.flatMap((part, index) => readPart(part, `${path}[${index}]`, refusals));
}

function readPart(part: object, path: string, refusals: Refusals): ContentPart[] {
  const type = "type" in part ? part.type : undefined;
  switch (type) {
    case "input_text":
    case "output_text":
    case "text":
      return toList(refusals.read(items.inputText, part, path), ({ text }) => textPart(text));
    case "refusal":
      return toList(refusals.read(items.inputRefusal, part, path), ({ refusal }) => textPart(refusal));
    case "input_image":
      return toList(refusals.read(items.inputImage, part, path), ({ image_url: url, detail }) => ({
        type: "image_url",
        image_url: { url, ...(typeof detail === "string" ? { detail } : {}) },
      }));
    case "input_file":
      return toList(refusals.read(items.inputFile, part, path), ({ file_data, filename }) => ({
        type: "file",
        file: { file_data, ...(typeof filename === "string" ? { filename } : {}) },
      }));
    case "input_audio":
      return toList(refusals.read(items.inputAudio, part, path), ({ input_audio }) => ({
        type: "input_audio",
        input_audio,
      }));
    default:
      return refusals.refuse(path, notInChat(`content of type ${quote(type)}`));
  }
}

const toList = <T, U>(value: T | undefined, make: (value: T) => U): U[] =>
  value === undefined ? [] : [make(value)];
