import { readDataUrl } from "../../domain/requests/data-url.ts";
import { asObject, isObject, type JsonObject } from "../../domain/requests/json-object.ts";
import { changeSome, type ChatMessage, type ChatMessages, isText, partsOf } from "./chat-message.ts";

/** Changes some kinds of parts in all messages. */
const changeParts = (
  messages: ChatMessages,
  change: (part: JsonObject) => JsonObject | undefined,
): ChatMessages =>
  changeSome(
    messages,
    (message) => partsOf(message)?.some((part) => isObject(part) && part["type"] === "file") === true,
    (message) => ({
      ...message,
      content: partsOf(message)?.map((part) => (isObject(part) ? (change(part) ?? part) : part)),
    }),
  );

const TEXTS = /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|javascript|toml)$)/;
const decoder = new TextDecoder();

/** Sends files of text as texts, under their names. */
export const textFilesAsText = (messages: ChatMessages): ChatMessages => changeParts(messages, readTextFile);

function readTextFile(part: JsonObject): JsonObject | undefined {
  const { file_data: data, filename } = asObject(part["file"]);
  const file = part["type"] === "file" && typeof data === "string" ? readDataUrl(data) : undefined;
  if (!file || !TEXTS.test(file.mediaType)) return undefined;
  const said = readBase64(file.data);
  if (said === undefined) return undefined;
  const { file: _, ...rest } = part;
  return { ...rest, type: "text", text: typeof filename === "string" ? `${filename}:\n${said}` : said };
}

function readBase64(data: string): string | undefined {
  try {
    return decoder.decode(Uint8Array.from(atob(data), (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** Sends PDFs in Mistral's form: https://docs.mistral.ai/capabilities/document_ai/document_qna */
export const pdfAsDocumentUrl = (messages: ChatMessages): ChatMessages => changeParts(messages, readPdf);

function readPdf(part: JsonObject): JsonObject | undefined {
  const { file_data: data, filename } = asObject(part["file"]);
  if (part["type"] !== "file" || typeof data !== "string") return undefined;
  const name = typeof filename === "string" ? { document_name: filename } : {};
  return { type: "document_url", document_url: data, ...name };
}

const isMedia = (part: unknown): boolean => isObject(part) && part["type"] !== undefined && !isText(part);

const holdsMedia = (message: ChatMessage): boolean =>
  message.role === "tool" && partsOf(message)?.some(isMedia) === true;

/**
 * Moves pictures and files from the results of tools to a message of the user's behind all results of the
 * turn, each with a word on where it comes from.
 */
export function moveToolMedia(messages: ChatMessages): ChatMessages {
  if (!messages.some(holdsMedia)) return messages;
  const moved: ChatMessage[] = [];
  let media: unknown[] = [];
  const flush = () => {
    if (media.length > 0) moved.push({ role: "user", content: media });
    media = [];
  };
  for (const message of messages) {
    if (message.role !== "tool") flush();
    if (holdsMedia(message)) {
      const found = (partsOf(message) ?? []).filter(isMedia);
      media.push({ type: "text", text: `From the result of ${String(message["tool_call_id"])}:` }, ...found);
      moved.push({ ...message, content: textsOf(message) || "The result follows." });
    } else moved.push(message);
  }
  flush();
  return moved;
}

const textsOf = (message: ChatMessage): string =>
  (partsOf(message) ?? [])
    .filter(isText)
    .map(({ text }) => text)
    .join("\n");
