/** Requests of 4 MB that are refused. Run by itself, it reads them all in one small heap, and says what was told. */
import type { GatewayError } from "../../../worker/contract/errors.ts";
import type { Task } from "../../../worker/contract/requests.ts";
import { parseJson } from "../../../worker/domain/requests/parse-json.ts";
import { parseRequest } from "../../../worker/domain/requests/parse-request.ts";

const SIZE = 4_194_304;

/** A list of as many of these as there is room for. */
export const listOf = (part: string, size = SIZE): string =>
  `[${Array(Math.floor(size / (part.length + 1)) - 1)
    .fill(part)
    .join(",")}]`;

/** Parts that differ, to about 4 MB. */
function differing(part: (index: number) => string): string {
  const parts: string[] = [];
  for (let [index, size] = [0, 0]; size < SIZE - 100; index++) {
    parts.push(part(index));
    size += (parts.at(-1) ?? "").length + 1;
  }
  return parts.join(",");
}

/** As many as one request may have. */
const MANY_TOKENS = Array(390_000).fill("50256").join(",");

const chat = (messages: string) => `{"model":"chat","messages":${messages}}`;
const embed = (input: string) => `{"model":"embed","input":${input}}`;
const base36 = (index: number) => index.toString(36);

/** A name, the task that is asked, its body, and what the refusal says. */
export const REFUSED: readonly (readonly [string, Task, () => string, RegExp])[] = [
  ["empty lists", "chat", () => chat(listOf("[]")), /more than 100000 arrays and objects \(at position/],
  ["empty objects", "chat", () => chat(listOf("{}")), /more than 100000 arrays and objects/],
  ["nulls", "chat", () => chat(listOf("null")), /more than 400000 values/],
  ["numbers", "chat", () => chat(listOf("1")), /more than 400000 values/],
  ["empty strings", "chat", () => chat(listOf('""')), /more than 100000 texts/],
  ["strings", "messages", () => chat(`[${differing((n) => `"${base36(n)}"`)}]`), /more than 100000 texts/],
  [
    "wrong messages",
    "chat",
    () => chat(listOf('{"content":"a message of nobody, some words"}')),
    /messages\[0\].role/,
  ],
  [
    "wrong blocks",
    "messages",
    () => chat(`[{"role":"user","content":${listOf('"a block that is text, not a block, of more words"')}}]`),
    /messages\[0\].content\[0\]/,
  ],
  ["lists within", "chat", () => chat("[".repeat(SIZE / 2) + "]".repeat(SIZE / 2)), /more than 64 levels/],
  ["open lists", "chat", () => "[".repeat(SIZE), /more than 64 levels/],
  [
    "objects within",
    "chat",
    () => chat('{"a":'.repeat(SIZE / 6) + "1" + "}".repeat(SIZE / 6)),
    /more than 64 levels/,
  ],
  [
    "messages of many names",
    "chat",
    () => chat(listOf('{"a":"b","c":"d","e":"f","g":"h"}', 800_000)),
    /messages\[0\].role/,
  ],
  [
    "shapes of objects",
    "chat",
    () => chat(`[${differing((n) => `{"${base36(n)}":1,"x":"${"y".repeat(40)}"}`)}]`),
    /more than 10000 different names/,
  ],
  ["names", "chat", () => `{${differing((n) => `"${base36(n)}":1`)}}`, /more than 10000 different names/],
  ["one name", "chat", () => `{${differing(() => '"a":1')}}`, /more than 200000 names/],
  ["one name of a few", "chat", () => `{${differing(() => `"a":"${"x".repeat(40)}"`)}}`, /stands twice/],
  ["escapes", "chat", () => chat(`["${String.raw`\u0041`.repeat(SIZE / 6 - 10)}"]`), /messages\[0\]/],
  ["backslashes", "chat", () => chat(`["${"\\\\".repeat(SIZE / 2 - 20)}"]`), /messages\[0\]/],
  ["an open string", "chat", () => `"${'\\"'.repeat(SIZE / 2 - 20)}`, /not valid JSON/],
  ["texts", "embeddings", () => embed(listOf('"a text"')), /more than 100000 texts/],
  ["no tokens", "embeddings", () => embed(listOf("-1")), /more than 400000 values/],
  [
    "broken tokens",
    "completions",
    () => `{"model":"c","prompt":${listOf("1.5")}}`,
    /more than 400000 values/,
  ],
  ["tokens and a text", "embeddings", () => embed(`[${MANY_TOKENS},"x"]`), /input/],
  ["tokens and a text", "completions", () => `{"model":"c","prompt":[${MANY_TOKENS},"x"]}`, /prompt/],
  [
    "lists of tokens and a text",
    "embeddings",
    () => embed(listOf(`[${"50256,".repeat(190)}"x"]`, 2e6)),
    /input/,
  ],
  ["a list of broken tokens", "embeddings", () => embed(`[[${MANY_TOKENS},1.5]]`), /input/],
  [
    "tokens beside a large number",
    "completions",
    () => `{"model":"c","prompt":${listOf("50256", 1e6)},"seed":9007199254740993.5}`,
    /9007199254740993.5/,
  ],
  [
    "large numbers",
    "embeddings",
    () => embed(listOf("1234567890123456789012")),
    /more than 10000 numbers past/,
  ],
  ["lists of no tokens", "completions", () => `{"model":"c","prompt":${listOf("[]", 290_000)}}`, /prompt/],
  [
    "documents",
    "rerank",
    () => `{"model":"r","query":"q","documents":${listOf("7")}}`,
    /more than 400000 values/,
  ],
  [
    "tokens to count",
    "countTokens",
    () => chat(listOf('{"role":1,"content":"words and words and more of them"}')),
    /messages\[0\].role/,
  ],
];

/** Reads no faster than any that is refused should: as many messages as a body may have, each with a call of a tool. */
export function writeConversation(): string {
  const call = {
    id: "call_1",
    type: "function",
    function: { name: "look_up", arguments: '{"a":1}'.repeat(8) },
  };
  const message = { role: "assistant", content: "some words ".repeat(20), tool_calls: [call] };
  return JSON.stringify({ model: "m", messages: Array.from({ length: 10_000 }, () => message) });
}

/** The refusal of a body, as a request to its task's endpoint is read. */
export function refusalOf(task: Task, text: string): GatewayError | undefined {
  const json = parseJson(text);
  const read = json.ok ? parseRequest(task, json.value) : json;
  return read.ok ? undefined : read.error;
}

if (process.argv[1] === import.meta.filename) {
  console.log(JSON.stringify(REFUSED.map(([, task, write]) => refusalOf(task, write())?.message)));
}
