import { type ContentPart, markOf, textPart } from "../chat-message.ts";
import { notInChat, quote, type Refusals } from "../refusals.ts";
import * as blocks from "./blocks.ts";

type Block = { readonly type: string };

/** Reads a block of a user, or of a tool's result, as parts of a chat's message. */
export function readPart(block: Block, path: string, refusals: Refusals): ContentPart[] {
  switch (block.type) {
    case "text": {
      const read = refusals.read(blocks.text, block, path);
      return read ? [{ ...textPart(read.text), ...markOf(read) }] : [];
    }
    case "image":
      return readImage(block, path, refusals);
    case "document":
      return readDocument(block, path, refusals);
    case "search_result":
      return readSearchResult(block, path, refusals);
    default:
      return refusals.refuse(path, notInChat(`a block of type ${quote(block.type)}`));
  }
}

function readImage(block: Block, path: string, refusals: Refusals): ContentPart[] {
  const image = refusals.read(blocks.image, block, path);
  const url = image && readUrl(image.source, `${path}.source`, refusals);
  return url === undefined ? [] : [{ type: "image_url", image_url: { url }, ...markOf(image ?? {}) }];
}

function readUrl(source: Block, path: string, refusals: Refusals): string | undefined {
  if (source.type === "url") return refusals.read(blocks.urlImage, source, path)?.url;
  if (source.type === "base64") {
    const image = refusals.read(blocks.base64Image, source, path);
    return image && `data:${image.media_type};base64,${image.data}`;
  }
  refusals.refuse(path, notInChat(`a source of type ${quote(source.type)}`));
  return undefined;
}

/** A document of bytes is a file in chat; one of text is text, under its title. */
function readDocument(block: Block, path: string, refusals: Refusals): ContentPart[] {
  const document = refusals.read(blocks.document, block, path);
  if (!document) return [];
  const { source, title, context } = document;
  const about = [title, context].filter((text) => text).join("\n");
  const head = about === "" ? [] : [textPart(about)];
  const at = `${path}.source`;
  if (source.type === "base64") {
    const file = refusals.read(blocks.base64Document, source, at);
    if (!file) return [];
    const filename = title ?? "document.pdf";
    const file_data = `data:${file.media_type};base64,${file.data}`;
    return [
      ...(context ? [textPart(context)] : []),
      { type: "file", file: { filename, file_data }, ...markOf(document) },
    ];
  }
  if (source.type === "text") {
    const said = refusals.read(blocks.textDocument, source, at);
    return said ? [...head, { ...textPart(said.data), ...markOf(document) }] : [];
  }
  if (source.type === "content") return [...head, ...readContentSource(source, at, refusals)];
  return refusals.refuse(at, notInChat(`a source of type ${quote(source.type)}`));
}

function readContentSource(source: Block, path: string, refusals: Refusals): ContentPart[] {
  const read = refusals.read(blocks.contentDocument, source, path);
  if (!read) return [];
  if (typeof read.content === "string") return [textPart(read.content)];
  return read.content.flatMap((each, index) => readPart(each, `${path}.content[${index}]`, refusals));
}

/** What a client has found itself: its text, under where it is from. */
function readSearchResult(block: Block, path: string, refusals: Refusals): ContentPart[] {
  const found = refusals.read(blocks.searchResult, block, path);
  if (!found) return [];
  const texts = [`${found.title} (${found.source})`, ...found.content.map(({ text }) => text)];
  return [{ ...textPart(texts.join("\n")), ...markOf(found) }];
}
