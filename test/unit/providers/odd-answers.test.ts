import { describe, expect, it } from "vitest";
import type { ChatRequest } from "../../../worker/contract/requests.ts";
import { groupEvents } from "../../../worker/domain/answers/group-events.ts";
import type { HttpTask } from "../../../worker/domain/routing/adapter.ts";
import { failureOfRefusal, failureOfTold } from "../../../worker/domain/routing/upstream-failure.ts";
import { createAnthropic } from "../../../worker/providers/anthropic/adapter.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { skimDeltas } from "../../../worker/providers/openai/skim-deltas.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

/** Shapes that servers of OpenAI's API are reported to answer with, and what clients get instead. */

const chat = createOpenai({}).chat as HttpTask<"chat">;
const ASKED: ChatRequest = { model: "m", messages: [{ role: "user", content: "Hi" }] };
const HEAD = { id: "chatcmpl-7", object: "chat.completion.chunk", created: 1, model: "big" };

type Delta = Readonly<Record<string, unknown>>;
interface Choice {
  readonly delta?: Delta;
  readonly message?: Delta;
  readonly finish_reason: unknown;
}

const chunk = (delta: Delta, finish_reason: unknown = null) => ({
  ...HEAD,
  choices: [{ index: 0, delta, finish_reason }],
});

/** What a client reads of a stream of these chunks, and how it ends. */
function stream(...chunks: readonly object[]) {
  const read = chat.readStream?.(ASKED);
  if (!read) throw new Error("chat does not stream");
  const events = chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`);
  const { pieces, end } = groupEvents(events, read, true);
  const text = pieces.map(({ bytes }) => new TextDecoder().decode(bytes)).join("");
  const lines = text.split("\n\n").filter((line) => line.startsWith("data: {"));
  const choices = lines.flatMap((line) => (JSON.parse(line.slice(6)) as { choices: Choice[] }).choices);
  return { choices, end, text };
}

/** What a client reads of a whole answer. */
function whole(message: Delta, finish_reason: unknown = "stop") {
  const completion = { ...HEAD, object: "chat.completion", choices: [{ index: 0, message, finish_reason }] };
  const { body } = valueOf(chat.parseResponse(JSON.stringify(completion), ASKED));
  const [choice] = (JSON.parse(body) as { choices: Required<Choice>[] }).choices;
  if (!choice) throw new Error("no choice");
  return choice;
}

const called = (name: string, more: Delta = {}) => ({
  type: "function",
  function: { name, arguments: "{}" },
  ...more,
});
const part = (json: string, more: Delta = {}) => ({ function: { arguments: json }, ...more });
const callsOf = ({ choices }: ReturnType<typeof stream>) =>
  choices.flatMap(({ delta }) => (delta?.["tool_calls"] ?? []) as Delta[]);
const places = (read: ReturnType<typeof stream>) => callsOf(read).map(({ index, id }) => [index, id]);

describe("calls of tools in a stream", () => {
  it("are numbered where the server numbers none (SGLang, Gemini)", () => {
    const read = stream(
      chunk({ tool_calls: [called("a", { id: "x" })] }),
      chunk({ tool_calls: [called("b", { id: "y" }), called("c", { id: "z" })] }),
    );
    expect(places(read)).toEqual([
      [0, "x"],
      [1, "y"],
      [2, "z"],
    ]);
  });

  it("are numbered apart where the server numbers each of them 0 (Ollama)", () => {
    const read = stream(
      chunk({ tool_calls: [called("a", { index: 0, id: "x" })] }),
      chunk({ tool_calls: [called("b", { index: 0, id: "y" })] }),
    );
    expect(places(read)).toEqual([
      [0, "x"],
      [1, "y"],
    ]);
  });

  it("go on by their number, their id, or neither", () => {
    const read = stream(
      chunk({ tool_calls: [{ id: "x", type: "function", function: { name: "a", arguments: "" } }] }),
      chunk({ tool_calls: [part('{"a"')] }),
      chunk({ tool_calls: [part(":1}", { id: "x" })] }),
      chunk({ tool_calls: [called("b", { id: "y" })] }),
      chunk({ tool_calls: [part("")] }),
    );
    expect(places(read).map(([index]) => index)).toEqual([0, 0, 0, 1, 1]);
  });

  it("get an id where the server gives none, the same each time it is asked for", () => {
    const chunks = [chunk({ tool_calls: [called("a", { index: 0 }), called("b", { index: 1, id: "" })] })];
    expect(places(stream(...chunks))).toEqual([
      [0, "call_7_0"],
      [1, "call_7_1"],
    ]);
    expect(places(stream(...chunks))).toEqual(places(stream(...chunks)));
  });

  it("pass on unchanged where nothing is amiss", () => {
    const chunks = [
      chunk({ tool_calls: [called("a", { index: 0, id: "x" })] }),
      chunk({ tool_calls: [part("{}", { index: 0 })] }),
      chunk({ tool_calls: [called("b", { index: 1, id: "y" })] }),
      chunk({}, "tool_calls"),
    ];
    const sent = chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join("");
    expect(stream(...chunks).text.startsWith(sent)).toBe(true);
  });

  it("are the reason to finish, whatever the server says (Gemini, llama.cpp)", () => {
    const read = stream(chunk({ tool_calls: [called("a", { index: 0, id: "x" })] }), chunk({}, "stop"));
    expect(read.choices.at(-1)?.finish_reason).toBe("tool_calls");
    expect(stream(chunk({ content: "Hi" }), chunk({}, "stop")).choices.at(-1)?.finish_reason).toBe("stop");
    const cut = stream(chunk({ tool_calls: [called("a", { index: 0, id: "x" })] }), chunk({}, "length"));
    expect(cut.choices.at(-1)?.finish_reason).toBe("length");
  });

  it("are not skimmed over", () => {
    const bytes = (value: object) => new TextEncoder().encode(`data: ${JSON.stringify(value)}\n\n`);
    expect(skimDeltas(bytes(chunk({ tool_calls: [part("{}", { index: 0 })] }))).events).toBe(0);
    expect(skimDeltas(bytes(chunk({ content: [{ type: "text", text: "Hi" }] }))).events).toBe(0);
    expect(skimDeltas(bytes(chunk({ content: "Hi", tool_calls: null }))).events).toBe(1);
  });
});

describe("calls of tools in a whole answer", () => {
  it("get ids and kinds where the server gives none, and are the reason to finish", () => {
    const { message, finish_reason: reason } = whole({
      role: "assistant",
      content: null,
      tool_calls: [called("a", { id: "" }), { function: { name: "b", arguments: "{}" } }],
    });
    expect(message["tool_calls"]).toEqual([called("a", { id: "call_7_0" }), called("b", { id: "call_7_1" })]);
    expect(reason).toBe("tool_calls");
  });
});

describe("content that is a list of texts and thoughts (Mistral)", () => {
  const thought = { type: "thinking", thinking: [{ type: "text", text: "Hm." }] };
  const text = { type: "text", text: "Blue." };

  it("is a text, and thinking beside it", () => {
    expect(
      whole({ role: "assistant", content: [thought, text, { type: "reference", reference_ids: [1] }] })
        .message,
    ).toEqual({
      role: "assistant",
      content: "Blue.",
      reasoning_content: "Hm.",
    });
    const { choices } = stream(chunk({ content: [thought] }), chunk({ content: [text] }), chunk({}, "stop"));
    expect(choices.map(({ delta }) => delta)).toEqual([
      { content: "", reasoning_content: "Hm." },
      { content: "Blue." },
      {},
    ]);
  });

  it("stays as it is where there is more in it", () => {
    const content = [text, { type: "image_url", image_url: { url: "data:image/png;base64,QUJD" } }];
    expect(whole({ role: "assistant", content }).message).toMatchObject({ content });
  });
});

describe("a reason to finish in a server's own words", () => {
  it.each([
    ["eos", "stop"],
    ["eos_token", "stop"],
    ["COMPLETE", "stop"],
    ["model_length", "length"],
    ["max_tokens", "length"],
    ["MAX_TOKENS", "length"],
    ["tool_use", "tool_calls"],
    ["sensitive", "content_filter"],
    ["never_heard_of", "stop"],
  ])("%s is %s", (said, told) => {
    expect(whole({ role: "assistant", content: "Hi" }, said).finish_reason).toBe(told);
    expect(stream(chunk({ content: "Hi" }), chunk({}, said)).choices.at(-1)?.finish_reason).toBe(told);
  });

  it("is none where it is empty, so that what breaks off then is no whole answer", () => {
    const { choices, end } = stream(chunk({ content: "Hi" }, ""));
    expect(choices[0]?.finish_reason).toBeNull();
    expect(end).toBeUndefined();
  });
});

describe("an error in an answer of status 200", () => {
  const told = (answer: object) => {
    const failed = errorOf(chat.parseResponse(JSON.stringify(answer), ASKED));
    const { end } = stream(answer);
    const inStream = end?.ok === false ? end.error.code : undefined;
    return [failed.told && failureOfTold(failed.told).error.code, inStream];
  };
  const message = "This model's maximum context length is 4096 tokens.";

  it.each([
    [
      "of a conversation too long (vLLM)",
      { error: { message, type: "BadRequestError", code: 400 } },
      "context_length_exceeded",
    ],
    [
      "that is the answer itself (older vLLM)",
      { object: "error", message, code: 400 },
      "context_length_exceeded",
    ],
    ["of a limit (OpenRouter)", { error: { message: "Rate limit exceeded", code: 429 } }, "rate_limited"],
    ["of an overloaded model", { error: { message: "Overloaded", code: 529 } }, "overloaded"],
    ["of its server", { error: { message: "boom", code: "502" } }, "upstream_error"],
  ])("is told as it would be with its status: %s", (_, answer, code) => {
    expect(told(answer)).toEqual([code, code]);
  });

  it("is a failure without a status, too", () => {
    expect(told({ object: "error", message: "boom", code: 50_001 })).toEqual([
      "upstream_error",
      "upstream_error",
    ]);
  });
});

describe("a model that wrote what nobody can read (Groq)", () => {
  it.each(["tool_use_failed", "json_validate_failed"])("is not the client's fault: %s", (code) => {
    const words = { code, type: "invalid_request_error", message: "Failed to call a function." };
    expect(failureOfRefusal({ status: 400, words })).toMatchObject({
      tryNext: true,
      error: { code: "upstream_invalid_response" },
    });
  });
});

describe("an event of Anthropic's API that does not begin with its type", () => {
  it("is a part of the answer as any other", () => {
    const { messages } = createAnthropic(() => 0);
    if (messages?.kind !== "http" || !messages.readStream) throw new Error("no streams");
    const read = messages.readStream({
      model: "m",
      max_tokens: 1,
      messages: [{ role: "user", content: "x" }],
    });
    const data = { delta: { type: "text_delta", text: "Hi" }, index: 0, type: "content_block_delta" };
    const { pieces } = groupEvents([`data: ${JSON.stringify(data)}\n\n`], read);
    expect(pieces).toMatchObject([{ deltas: 1 }]);
  });
});
