import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valueOf } from "../unwrap-result.ts";
import { readByAnthropic, readByOpenai, streamOf, wholeOf, writeStream } from "./speak.ts";

/** A model's answer in chat's words, and every way a server may cut it into chunks. */
interface Said {
  readonly reasoning: string;
  readonly content: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  readonly finish: string;
}

const said: fc.Arbitrary<Said> = fc.record({
  reasoning: fc.string({ unit: "grapheme", maxLength: 20 }),
  content: fc.string({ unit: "grapheme", maxLength: 20 }),
  calls: fc.array(
    fc.record({ name: fc.constantFrom("look_up", "sum"), arguments: fc.jsonValue().map(writeArguments) }),
    { maxLength: 3 },
  ),
  finish: fc.constantFrom("stop", "tool_calls", "length"),
});

function writeArguments(value: unknown): string {
  return JSON.stringify({ value });
}

const USAGE = {
  prompt_tokens: 12,
  completion_tokens: 7,
  total_tokens: 19,
  prompt_tokens_details: { cached_tokens: 5 },
  completion_tokens_details: { reasoning_tokens: 3 },
};
const HEAD = { id: "chatcmpl-abc123", created: 1_700_000_000, model: "big" };
const callId = (place: number) => `call_${place}`;

function completionOf({ reasoning, content, calls, finish }: Said) {
  const tool_calls = calls.map((call, place) => ({ id: callId(place), type: "function", function: call }));
  const message = {
    role: "assistant",
    content: content === "" ? null : content,
    ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls }),
  };
  return { ...HEAD, choices: [{ index: 0, message, finish_reason: finish }], usage: USAGE };
}

/** The same as deltas of these sizes; the calls' take turns, as they do on servers that make several at once. */
function chunksOf(answer: Said, sizes: readonly number[], turns: readonly number[]) {
  const take = cutter(sizes);
  const deltas: object[] = [{ role: "assistant", content: "" }];
  deltas.push(...take(answer.reasoning).map((text) => ({ reasoning_content: text })));
  deltas.push(...take(answer.content).map((text) => ({ content: text })));
  const queues = answer.calls.map((call, index) => {
    const head = { index, id: callId(index), function: { name: call.name, arguments: "" } };
    return [head, ...take(call.arguments).map((text) => ({ index, function: { arguments: text } }))];
  });
  const heads = queues.flatMap((queue) => queue.splice(0, turns[0] === 0 ? 1 : 0));
  deltas.push(...heads.map((call) => ({ tool_calls: [call] })));
  for (let turn = 0; queues.some(({ length }) => length > 0); turn++) {
    const waiting = queues.filter(({ length }) => length > 0);
    const next = waiting[(turns[turn % turns.length] ?? 0) % (turns[0] === 0 ? waiting.length : 1)]?.shift();
    deltas.push({ tool_calls: [next] });
  }
  const chunk = (delta: object, finish_reason: string | null) => ({
    ...HEAD,
    choices: [{ index: 0, delta, finish_reason }],
  });
  return [
    ...deltas.map((delta) => chunk(delta, null)),
    chunk({}, answer.finish),
    { ...HEAD, choices: [], usage: USAGE },
  ];
}

const cutter = (sizes: readonly number[]) => {
  let at = 0;
  return (text: string): string[] => {
    const parts: string[] = [];
    for (let start = 0; start < text.length;) {
      const size = sizes[at++ % sizes.length] ?? 1;
      parts.push(text.slice(start, start + size));
      start += size;
    }
    return parts;
  };
};

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
const turns = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 6 });

describe("a streamed answer, however it is cut into chunks", () => {
  it("is the same response to OpenAI's client as the whole one", async () => {
    await fc.assert(
      fc.asyncProperty(said, sizes, turns, async (answer, cuts, order) => {
        const stream = streamOf("responses", writeStream(chunksOf(answer, cuts, order)));
        expect(stream.end).toEqual({ ok: true, value: null });
        const whole = JSON.parse(valueOf(wholeOf("responses", completionOf(answer))).body) as object;
        expect(stripDerived(await readByOpenai(stream.text))).toEqual(whole);
      }),
    );
  });

  it("is the same message to Anthropic's client as the whole one", async () => {
    await fc.assert(
      fc.asyncProperty(said, sizes, turns, async (answer, cuts, order) => {
        const stream = streamOf("messages", writeStream(chunksOf(answer, cuts, order)));
        expect(stream.end).toEqual({ ok: true, value: null });
        const whole = JSON.parse(valueOf(wholeOf("messages", completionOf(answer))).body) as object;
        const message = await readByAnthropic(stream.text);
        expect(JSON.parse(JSON.stringify(message))).toMatchObject(whole);
      }),
    );
  });
});

/** What the client works out for itself. */
function stripDerived(response: object): object {
  const plain = JSON.parse(JSON.stringify(response)) as Record<string, unknown> & {
    output: Record<string, unknown>[];
  };
  delete plain["output_text"];
  delete plain["output_parsed"];
  for (const item of plain.output) {
    delete item["parsed_arguments"];
    for (const part of (item["content"] ?? []) as Record<string, unknown>[]) delete part["parsed"];
  }
  return plain;
}
