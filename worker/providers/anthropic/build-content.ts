import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { ok, type Result } from "../../domain/result.ts";
import { type DataUrl, readDataUrl } from "../../domain/requests/data-url.ts";
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

/** Translates a message's content. */
export function buildContent(content: unknown, field: string): Result<Content, AnswerFailure> {
  if (typeof content === "string") return ok(content);
  if (!Array.isArray(content)) return refuse(field, "expected a text or a list of parts");
  const blocks: JsonObject[] = [];
  for (const [index, part] of (content as readonly unknown[]).entries()) {
    const place = `${field}[${index}]`;
    if (!isObject(part)) return refuse(place, "expected a part with a type");
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
  const mediaType = source.mediaType === "image/jpg" ? "image/jpeg" : source.mediaType;
  return ok({ type: "image", source: writeSource(source, mediaType), ...cacheControl(part) });
}

function translateFile(part: JsonObject, field: string): Result<JsonObject, AnswerFailure> {
  const { file_data: data, file_id: id, filename: title } = asObject(part["file"]);
  const more = { ...(typeof title === "string" ? { title } : {}), ...cacheControl(part) };
  if (typeof id === "string") return ok({ type: "document", source: { type: "file", file_id: id }, ...more });
  if (typeof data === "string" && /^https?:/i.test(data))
    return ok({ type: "document", source: { type: "url", url: data }, ...more });
  const source = typeof data === "string" ? readDataUrl(data) : undefined;
  if (source?.mediaType !== "application/pdf") {
    return refuse(`${field}.file.file_data`, "expected a PDF or a text as a base64 data URL");
  }
  return ok({ type: "document", source: writeSource(source, source.mediaType), ...more });
}

const writeSource = ({ data }: DataUrl, mediaType: string) => ({
  type: "base64",
  media_type: mediaType,
  data,
});

/** Where a prompt is to be cached up to: Anthropic's own field, which its clients put on a part. */
export const cacheControl = (part: JsonObject): JsonObject =>
  part["cache_control"] === undefined ? {} : { cache_control: part["cache_control"] };

/** The same for a mark on a whole message: it stands on its last block. */
export function markContent(content: Content, message: JsonObject): Content {
  const mark = cacheControl(message);
  if (Object.keys(mark).length === 0) return content;
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : content;
  const last = blocks.at(-1);
  return last ? [...blocks.slice(0, -1), { ...mark, ...last }] : blocks;
}
