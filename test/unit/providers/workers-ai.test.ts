import { describe, expect, it } from "vitest";
import type { ChatRequest } from "../../../worker/contract/requests.ts";
import type { Connection, HttpTask } from "../../../worker/domain/routing/adapter.ts";
import { groupEvents } from "../../../worker/domain/answers/group-events.ts";
import { cutEvents, readData } from "../../../worker/domain/answers/server-sent-events.ts";
import { workersAi } from "../../../worker/providers/workers-ai/adapter.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";
import { describeAdapter } from "./describe-adapter.ts";

describeAdapter("workers-ai", workersAi, "by binding");

const chat = workersAi.chat as HttpTask<"chat">;
const embeddings = workersAi.embeddings as HttpTask<"embeddings">;
const connection: Connection = { baseUrl: "", apiKey: undefined, headers: {} };
const input: ChatRequest = { model: "chat", messages: [{ role: "user", content: "Hi" }] };

interface Chunk {
  readonly choices: readonly {
    readonly delta: { readonly role?: string; readonly content?: string; readonly tool_calls?: object[] };
    readonly finish_reason: string | null;
  }[];
}

/** What clients get for the provider's events, usage events included. */
function translate(...said: unknown[]): Chunk[] {
  const events = [...said.map((each) => JSON.stringify(each)), "[DONE]"].map((data) => `data: ${data}\n\n`);
  const read = chat.readStream?.(input);
  if (!read) throw new Error("no streams");
  const { pieces, end } = groupEvents(events, read);
  expect(end?.ok).toBe(true);
  const text = pieces.map(({ bytes }) => new TextDecoder().decode(bytes)).join("");
  const data = cutEvents(text).events.map((event) => readData(event) ?? "");
  expect(data.at(-1)).toBe("[DONE]");
  return data.slice(0, -1).map((each) => JSON.parse(each) as Chunk);
}

describe("a streamed chat of Workers AI", () => {
  it("is told in OpenAI's chunks: the role first, the reason last", () => {
    const chunks = translate({ response: "Bl", p: "abc" }, { response: "ue" });
    expect(chunks.map(({ choices: [choice] }) => [choice?.delta, choice?.finish_reason])).toEqual([
      [{ role: "assistant", content: "Bl" }, null],
      [{ content: "ue" }, null],
      [{}, "stop"],
    ]);
  });

  it("numbers the calls of tools, and gives each an id of its own", () => {
    const call = (word: string) => ({ name: "look_up", arguments: { word } });
    const chunks = translate(
      { response: "", tool_calls: [call("sky"), call("grass")] },
      { response: "", tool_calls: [call("sea")] },
    );
    const calls = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(calls).toEqual(
      ["sky", "grass", "sea"].map((word, index) => ({
        index,
        id: `call_${index}`,
        type: "function",
        function: { name: "look_up", arguments: JSON.stringify({ word }) },
      })),
    );
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("tool_calls");
  });

  it("of a newer model goes on as it came, with nothing added", () => {
    const chunk = { object: "chat.completion.chunk", choices: [{ index: 0, delta: { content: "a" } }] };
    expect(translate(chunk)).toEqual([chunk]);
  });

  it.each([
    ["a text", { error: "boom" }, "boom"],
    ["an object", { error: { message: "boom" } }, "boom"],
    ["a list", { errors: [{ message: "boom", code: 3043 }] }, "boom"],
    ["without words", { errors: [{}] }, "unnamed"],
  ])("ends in an error that is %s", (_, said, reason) => {
    const read = chat.readStream?.(input);
    expect(read?.({ name: undefined, data: JSON.stringify(said) })).toEqual({ kind: "error", reason });
  });
});

describe("an answer of Workers AI", () => {
  const answer = (said: unknown) =>
    JSON.parse(valueOf(chat.parseResponse(JSON.stringify(said), input)).body) as unknown;

  it("is told as a completion, with the calls of tools", () => {
    const said = { response: "", tool_calls: [{ name: "look_up", arguments: { word: "sky" } }] };
    expect(answer(said)).toMatchObject({
      object: "chat.completion",
      choices: [
        {
          finish_reason: "tool_calls",
          message: {
            content: null,
            tool_calls: [
              { id: "call_0", type: "function", function: { name: "look_up", arguments: '{"word":"sky"}' } },
            ],
          },
        },
      ],
    });
  });

  it("is written out where JSON mode gives it as a value", () => {
    expect(answer({ response: { colour: "blue" } })).toMatchObject({
      choices: [{ message: { content: '{"colour":"blue"}' } }],
    });
  });
});

describe("a request for Workers AI", () => {
  it.each([
    ["'input'", { model: "embed", input: [1, 2] }],
    ["'input'", { model: "embed", input: [{ image: "QUJD" }] }],
    ["'dimensions'", { model: "embed", input: "a", dimensions: 2 }],
  ])("is refused, naming %s, where the models could not do as asked", (field, asked) => {
    const failed = errorOf(embeddings.buildRequest(asked, "m", connection));
    expect(failed).toMatchObject({
      kind: "invalid_input",
      message: expect.stringContaining(field) as string,
    });
  });
});
