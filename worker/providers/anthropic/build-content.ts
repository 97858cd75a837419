import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { ok, type Result } from "../../domain/result.ts";
import { asObject, isObject, type JsonObject } from "../../domain/requests/json-object.ts";
import { refuse } from "./refuse.ts";

export type Content = string | readonly JsonObject[];
type Translate = (part: JsonObject, field: string) => Result<JsonObject, AnswerFailure>;

/** OpenAI's kinds of content. Any other kind is sent unchanged: it may be one of Anthropic's own. */
const PARTS: ReadonlyMap<unknown, Translate> = new Map<unknown, Translate>([
  ["image_url", translateImage],
  ["file", translateFile],
  ["refusal", ({ refusal }) => ok({ type: "text", text: refusal })],
  ["input_audio", (_, field) => refuse(field, "Anthropic's models take no audio")],
]);

/** Translates a message's content; empty texts, which Anthropic refuses, are left out. */
export function buildContent(content: unknown, field: string): Result<Content, AnswerFailure> {
  if (typeof content === "string") return ok(content);
  if (!Array.isArray(content)) return refuse(field, "expected a text or a list of parts");
  const blocks: JsonObject[] = [];
  for (const [index, part] of (content as readonly unknown[]).entries()) {
    const place = `${field}[${index}]`;
    if (!isObject(part)) return refuse(place, "expected a part with a type");
    if (part["type"] === "text" && part["text"] === "") continue;
    const translate = PARTS.get(part["type"]);
    const block = translate ? translate(part, place) : ok(part);
    if (!block.ok) return block;
    blocks.push(block.value);
  }
  return ok(blocks);
}

function translateImage(part: JsonObject, field: string): Result<JsonObject, AnswerFailure> {
  const url = asObject(part["image_url"])["url"];
  if (typeof url !== "string") return refuse(`${field}.image_url.url`, "expected a URL");
  if (/^https?:/i.test(url))
    return ok({ type: "image", source: { type: "url", url }, ...cacheControl(part) });
  const source = readDataUrl(url);
  if (!source) return refuse(`${field}.image_url.url`, "expected an https URL or a base64 data URL");
  return ok({ type: "image", source, ...cacheControl(part) });
}

function translateFile(part: JsonObject, field: string): Result<JsonObject, AnswerFailure> {
  const { file_data: data, file_id: id, filename: title } = asObject(part["file"]);
  const more = { ...(typeof title === "string" ? { title } : {}), ...cacheControl(part) };
  if (typeof id === "string") return ok({ type: "document", source: { type: "file", file_id: id }, ...more });
  const source = typeof data === "string" ? readDataUrl(data) : undefined;
  if (source?.media_type !== "application/pdf") {
    return refuse(`${field}.file.file_data`, "expected a PDF as a base64 data URL");
  }
  return ok({ type: "document", source, ...more });
}

/** Without a regular expression, for what follows the comma may be megabytes. */
function readDataUrl(url: string) {
  const comma = url.indexOf(",");
  const [type = "", ...options] = url.slice(0, comma).toLowerCase().split(";");
  if (comma < 0 || !type.startsWith("data:") || options.at(-1) !== "base64") return undefined;
  const mediaType = type.slice("data:".length);
  return {
    type: "base64",
    media_type: mediaType === "image/jpg" ? "image/jpeg" : mediaType,
    data: url.slice(comma + 1),
  };
}

/** Where a prompt is to be cached up to: Anthropic's own field, which its clients put on a part. */
export const cacheControl = (part: JsonObject): JsonObject =>
  part["cache_control"] === undefined ? {} : { cache_control: part["cache_control"] };
