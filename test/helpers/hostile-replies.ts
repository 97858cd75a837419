/** Replies of providers as they should never be: recorded-style ones with something done to them. */
import * as fc from "fast-check";
import type { Verbatim } from "./fake-provider/protocol.ts";
import { wrong } from "./hostile-bodies.ts";

/** The forms that a provider's chat comes in. */
export type Api = "openai" | "anthropic" | "google";

type Json = Readonly<Record<string, unknown>>;
const openaiChunk = (choices: readonly Json[], more: Json = {}): Json => ({
  id: "c-1",
  object: "chat.completion.chunk",
  created: 1_750_000_000,
  model: "big",
  choices,
  ...more,
});
const call = { id: "call_1", type: "function", function: { name: "look", arguments: '{"at":1}' } };
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

/** A whole answer of each API. */
const WHOLE: Readonly<Record<Api, Json>> = {
  openai: openaiChunk(
    [
      {
        index: 0,
        message: { role: "assistant", content: "good day", tool_calls: [call] },
        finish_reason: "stop",
      },
    ],
    { object: "chat.completion", usage },
  ),
  anthropic: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-opus-5-5",
    content: [
      { type: "thinking", thinking: "hm", signature: "c2ln" },
      { type: "text", text: "good day" },
      { type: "tool_use", id: "toolu_1", name: "look", input: { at: 1 } },
    ],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 2 },
  },
  google: {
    candidates: [
      {
        content: {
          role: "model",
          parts: [{ text: "good day" }, { functionCall: { name: "look", args: { at: 1 } } }],
        },
        finishReason: "STOP",
        index: 0,
      },
    ],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
    modelVersion: "gemini-3-flash-preview",
  },
};

/** The events of a streamed one; Anthropic's have names. */
const STREAMED: Readonly<Record<Api, readonly Json[]>> = {
  openai: [
    openaiChunk([{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }]),
    openaiChunk([{ index: 0, delta: { content: "good" }, finish_reason: null }]),
    openaiChunk([{ index: 0, delta: { tool_calls: [{ index: 0, ...call }] }, finish_reason: null }]),
    openaiChunk([{ index: 0, delta: {}, finish_reason: "stop" }]),
    openaiChunk([], { usage }),
  ],
  anthropic: [
    { type: "message_start", message: { ...WHOLE.anthropic, content: [], stop_reason: null } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "good day" } },
    { type: "content_block_stop", index: 0 },
    {
      type: "content_block_start",
      index: 1,
      content_block: { type: "tool_use", id: "toolu_1", name: "look", input: {} },
    },
    { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '{"at":1}' } },
    { type: "content_block_stop", index: 1 },
    {
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { output_tokens: 2 },
    },
    { type: "message_stop" },
  ],
  google: [
    { candidates: [{ content: { role: "model", parts: [{ text: "good" }] }, index: 0 }] },
    WHOLE.google,
  ],
};

/** Where in a value something is changed, by a number that is as good as any path. */
function changeAt(value: unknown, at: number, change: (value: unknown) => unknown): unknown {
  const children = typeof value === "object" && value !== null ? Object.keys(value) : [];
  const key = children[at % (children.length + 1)];
  if (key === undefined) return change(value);
  const inner = changeAt((value as Json)[key], Math.floor(at / (children.length + 1)), change);
  if (Array.isArray(value)) return value.flatMap((item, index) => (String(index) === key ? [inner] : [item]));
  const entries = Object.entries(value as Json).map(([name, item]) => [name, name === key ? inner : item]);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

/** A value with up to three of its parts replaced, or taken out. */
const altered = (value: unknown): fc.Arbitrary<unknown> =>
  fc
    .array(
      fc.tuple(
        fc.nat(1_000_000),
        fc.oneof({ weight: 4, arbitrary: wrong }, { weight: 1, arbitrary: fc.constant(undefined) }),
      ),
      { maxLength: 3 },
    )
    .map((changes) => changes.reduce((whole, [at, other]) => changeAt(whole, at, () => other), value));

type Spoil = (bytes: Buffer) => Buffer;
const share = fc.double({ min: 0, max: 1, noNaN: true });
const ODD_BYTES = [[0xff], [0], [0xef, 0xbb, 0xbf], [0x0d], [0x0a, 0x0a], [0x22], [0x7b], [0xc3]];
/** What is done to a reply's bytes: mostly nothing. */
const spoiling: fc.Arbitrary<Spoil> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Spoil>((bytes) => bytes) },
  {
    weight: 1,
    arbitrary: share.map(
      (kept): Spoil =>
        (bytes) =>
          bytes.subarray(0, bytes.length * kept),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(share, fc.constantFrom(...ODD_BYTES)).map(([at, odd]): Spoil => (bytes) => {
      const place = Math.floor(bytes.length * at);
      return Buffer.concat([bytes.subarray(0, place), Buffer.from(odd), bytes.subarray(place)]);
    }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(share, share).map(
      ([from, to]): Spoil =>
        (bytes) =>
          Buffer.concat([bytes.subarray(0, bytes.length * from), bytes.subarray(bytes.length * to)]),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Spoil>((bytes) => Buffer.concat([bytes, bytes])) },
);

const statuses = fc.oneof(
  { weight: 8, arbitrary: fc.constant(200) },
  { weight: 1, arbitrary: fc.constantFrom(201, 206, 302, 400, 401, 404, 413, 422, 429, 500, 503, 529, 599) },
);
const types = (usual: string) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(usual) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("text/html", "", "text/event-stream", "application/json; charset=latin1"),
    },
  );

/** Bytes written in up to four goes. */
const parted = (bytes: Buffer): fc.Arbitrary<string[]> =>
  fc.array(share, { maxLength: 3 }).map((cuts) => {
    const places = [
      0,
      ...cuts.map((cut) => Math.floor(bytes.length * cut)).toSorted((a, b) => a - b),
      bytes.length,
    ];
    return places.slice(1).map((end, at) => bytes.subarray(places[at], end).toString("base64"));
  });

const reply = (usual: string, bytes: fc.Arbitrary<Buffer>): fc.Arbitrary<Verbatim> =>
  fc.tuple(statuses, types(usual), bytes, spoiling).chain(([status, type, whole, spoil]) =>
    fc.record({
      status: fc.constant(status),
      headers: fc.constant({ "content-type": type }),
      parts: parted(spoil(whole)),
    }),
  );

const wholeReply = (value: Json) =>
  reply(
    "application/json",
    altered(value).map((changed) => Buffer.from(JSON.stringify(changed) ?? "")),
  );

const streamedReply = (api: Api) =>
  reply(
    "text/event-stream",
    fc
      .tuple(
        fc.tuple(...STREAMED[api].map(altered)),
        fc.constantFrom("\n\n", "\n\n", "\n\n", "\r\n\r\n", "\n"),
        fc.constantFrom(...(api === "openai" ? ["data: [DONE]\n\n", "data: [DONE]\n\n", ""] : [""])),
      )
      .map(([events, end, done]) => Buffer.from(events.map((event) => write(event) + end).join("") + done)),
  );

function write(event: unknown): string {
  const { type } = (typeof event === "object" && event !== null ? event : {}) as { readonly type?: unknown };
  const name = typeof type === "string" ? `event: ${type.replaceAll(/\s/g, "")}\n` : "";
  return `${name}data: ${JSON.stringify(event)}`;
}

/** What a provider of this API may reply to a chat, asked for a stream or not. */
export const chatReply = (api: Api, streamed: boolean): fc.Arbitrary<Verbatim> =>
  fc.oneof(
    { weight: 9, arbitrary: streamed ? streamedReply(api) : wholeReply(WHOLE[api]) },
    { weight: 1, arbitrary: streamed ? wholeReply(WHOLE[api]) : streamedReply(api) },
  );

const vector = { object: "embedding", index: 0, embedding: [0.5, 0.25] };
/** Whole answers of the other tasks, to requests with one input. */
const ARRAYS: Readonly<Record<string, Json>> = {
  embeddings: { object: "list", data: [vector], model: "big", usage: { prompt_tokens: 1, total_tokens: 1 } },
  rerank: { id: "r", results: [{ index: 0, relevance_score: 0.5 }], meta: {} },
  moderations: {
    id: "m",
    model: "big",
    results: [{ flagged: false, categories: { hate: false }, category_scores: { hate: 0.1 } }],
  },
};
export const ARRAY_TASKS = ["embeddings", "rerank", "moderations"] as const;
export const arrayReply = (task: (typeof ARRAY_TASKS)[number]): fc.Arbitrary<Verbatim> =>
  wholeReply(ARRAYS[task] ?? {});
