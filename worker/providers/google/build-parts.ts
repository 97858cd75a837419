import type { Content, Part } from "./chat-input.ts";

/** A part of a content, in Google's own shape. */
export type GooglePart = Readonly<Record<string, unknown>>;

/** OpenAI's message content as parts; an empty text gives no part. */
export function buildParts(content: Content | null | undefined): GooglePart[] {
  if (content === null || content === undefined || content === "") return [];
  return typeof content === "string" ? [{ text: content }] : content.map(buildPart);
}

function buildPart(part: Part): GooglePart {
  switch (part.type) {
    case "text":
      return { text: part.text };
    case "refusal":
      return { text: part.refusal };
    case "image_url":
      return buildMedia(part.image_url.url);
    case "video_url":
      return buildMedia(part.video_url.url);
    case "input_audio":
      return { inlineData: { mimeType: `audio/${part.input_audio.format}`, data: part.input_audio.data } };
    case "file":
      return buildMedia(part.file.file_data ?? part.file.file_id ?? "");
    case undefined:
    default:
      return part;
  }
}

/** A data URL is sent as bytes; any other URL is read by Google itself. */
function buildMedia(url: string): GooglePart {
  const comma = url.startsWith("data:") ? url.indexOf(",") : -1;
  if (comma >= 0) {
    const [mimeType = ""] = url.slice("data:".length, comma).split(";");
    return { inlineData: { mimeType, data: url.slice(comma + 1) } };
  }
  const mimeType = mimeTypeOf(url);
  return { fileData: mimeType === undefined ? { fileUri: url } : { mimeType, fileUri: url } };
}

/** Media types that Google takes, by file name; for uploads of its Files API Google knows the type itself. */
const MIME_TYPES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  heic: "image/heic",
  heif: "image/heif",
  pdf: "application/pdf",
  mp4: "video/mp4",
  webm: "video/webm",
  mp3: "audio/mp3",
  wav: "audio/wav",
};

function mimeTypeOf(url: string): string | undefined {
  const [path = ""] = url.split(/[?#]/, 1);
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  return Object.hasOwn(MIME_TYPES, extension) ? MIME_TYPES[extension] : undefined;
}
