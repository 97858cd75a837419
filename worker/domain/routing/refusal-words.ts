import { parseText } from "../answers/parse-answer.ts";
import { writePath } from "../requests/parse-request.ts";
import { isObject, type JsonObject } from "../requests/json-object.ts";

/** What a provider says in the body of a refusal, where it says it. */
export interface RefusalWords {
  readonly message?: string;
  /** Its own code, as OpenAI's `context_length_exceeded`. */
  readonly code?: string;
  readonly type?: string;
  /** The request's field at fault. */
  readonly param?: string;
}

/** Where the shapes in use have their words, the most telling first; each may be a text, an object or a list. */
const PLACES = [
  "error",
  "errors",
  "message",
  "Message",
  "detail",
  "msg",
  "error_message",
  "error_description",
] as const;
const MAX_DEPTH = 6;
const MAX_DETAILS = 3;
const MAX_NAME = 100;

/**
 * Finds a provider's own words in the shapes in use: OpenAI's, plain ones, lists of them, FastAPI's details,
 * one provider's refusal inside another's (as JSON in a text, too), and text that is no JSON. A page of HTML
 * comes from some proxy and says nothing, and so does JSON that is cut short.
 */
export function readRefusalWords(text: string): RefusalWords {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.startsWith("<")) return {};
  return readValue(trimmed, 0) ?? {};
}

/** The same for JSON that has been read already. */
export const findRefusalWords = (value: object): RefusalWords => readValue(value, 0) ?? {};

type Found = RefusalWords | undefined;

function readValue(value: unknown, depth: number): Found {
  if (depth > MAX_DEPTH) return undefined;
  if (typeof value === "string") return readText(value, depth);
  if (Array.isArray(value)) return readList(value, depth);
  return isObject(value) ? readObject(value, depth) : undefined;
}

function readText(text: string, depth: number): Found {
  const message = clean(text);
  if (message === "") return undefined;
  if (!/^[[{"]/.test(message)) return isWord(message, depth) ? undefined : { message };
  const parsed = parse(text);
  if (parsed !== undefined) return readValue(parsed, depth + 1);
  // Of a text inside an object it is known that it is whole.
  return depth === 0 ? undefined : { message };
}

/** A body of `null` or a bare number says nothing. */
const isWord = (text: string, depth: number) =>
  depth === 0 && /^(?:null|true|false|-?[\d.e+-]+)$/i.test(text);

function readList(list: readonly unknown[], depth: number): Found {
  const details = list.flatMap((item) => (isObject(item) && typeof item["msg"] === "string" ? [item] : []));
  if (details.length > 0) return readDetails(details);
  for (const item of list) {
    const found = readValue(item, depth + 1);
    if (found?.message !== undefined) return found;
  }
  return undefined;
}

/** FastAPI's: `[{ "loc": ["body", "messages", 0, "content"], "msg": "Field required" }]`. */
function readDetails(details: readonly JsonObject[]): RefusalWords {
  const told = details
    .slice(0, MAX_DETAILS)
    .map(({ loc, msg }) => ({ at: readPlace(loc), msg: String(msg) }));
  const param = told.find(({ at }) => at !== "")?.at;
  const message = told.map(({ at, msg }) => (at === "" ? msg : `${at}: ${msg}`)).join("; ");
  return { message: clean(message), ...(param === undefined ? {} : { param }) };
}

function readPlace(loc: unknown): string {
  if (!Array.isArray(loc)) return "";
  const parts = (loc as readonly unknown[]).filter(
    (part) => typeof part === "string" || typeof part === "number",
  );
  return writePath(parts[0] === "body" ? parts.slice(1) : parts).slice(0, MAX_NAME);
}

function readObject(object: JsonObject, depth: number): Found {
  const inner = readInside(object, depth);
  const { code, type, param } = object;
  const own: RefusalWords = {
    ...(isName(code) ? { code } : {}),
    ...(isName(type) ? { type } : {}),
    ...(isName(param) ? { param } : {}),
  };
  return inner || Object.keys(own).length > 0 ? { ...own, ...inner } : undefined;
}

/** What a provider passes on of another one's refusal says more than its own words. */
function readInside(object: JsonObject, depth: number): Found {
  const { metadata } = object;
  const passedOn = isObject(metadata) ? readValue(metadata["raw"], depth + 1) : undefined;
  if (passedOn?.message !== undefined) return passedOn;
  for (const place of PLACES) {
    const found = readValue(object[place], depth + 1);
    if (found?.message !== undefined) return found;
  }
  return undefined;
}

const isName = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= MAX_NAME && /^[\x21-\x7e]+$/.test(value);

function parse(text: string): unknown {
  const json = parseText(text);
  return json.ok ? json.value : undefined;
}

/** One line, without control characters. */
const clean = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, " ").trim();
