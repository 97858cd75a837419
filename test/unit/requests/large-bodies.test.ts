import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkUntilWrong } from "../../../worker/contract/check-until-wrong.ts";
import { requestSchemas } from "../../../worker/contract/requests.ts";
import { createJobRequest } from "../../../worker/contract/jobs/create-job-request.ts";
import { checkAnswer, parseText } from "../../../worker/domain/answers/parse-answer.ts";
import { parseBody } from "../../../worker/domain/requests/parse-request.ts";
import { chatCompletion, embeddingsResponse } from "../../../worker/contract/responses.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";
import { listOf, REFUSED, refusalOf, writeConversation } from "./large-bodies.ts";

const times = <T>(length: number, value: T): T[] => Array.from({ length }, () => value);

/** The texts themselves, the parts they are joined of, and the modules that read them; not a value for each part. */
const HEAP_MEGABYTES = 80;

describe("a body of 4 MB that is refused", { timeout: 60_000 }, () => {
  it("costs no more memory than it has bytes, times a few, and is told what it has too much of", () => {
    const program = fileURLToPath(new URL("./large-bodies.ts", import.meta.url));
    const options = [`--max-old-space-size=${HEAP_MEGABYTES}`, "--max-semi-space-size=8", program];
    const { stdout, stderr, status } = spawnSync(process.execPath, options, { encoding: "utf8" });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    const told = JSON.parse(stdout) as readonly string[];
    for (const [at, [name, , , words]] of REFUSED.entries())
      expect([name, told[at]]).toEqual([name, expect.stringMatching(words)]);
  });

  it.each(REFUSED)(
    "costs a few times what the engine takes to parse a conversation of 4 MB: %s",
    (_, task, write) => {
      const text = flatten(write());
      const ratio = compareTimes(
        () => void refusalOf(task, text),
        () => void JSON.parse(conversation),
      );
      expect(ratio).toBeLessThan(MAX_RATIO);
    },
  );
});

/** Three at most, on a machine that does nothing else. */
const MAX_RATIO = 5;
const conversation = flatten(writeConversation());

/** As a text that has arrived is: not joined of parts, which would be joined while it is read. */
function flatten(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

/** How much more of the processor's time one takes than the other, in turns, so that a busy machine slows both. */
function compareTimes(run: () => void, other: () => void): number {
  let [taken, others] = [0, 0];
  run();
  other();
  for (let turn = 0; turn < 5; turn++) {
    taken += timeOf(run);
    others += timeOf(other);
  }
  return taken / others;
}

function timeOf(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}

describe("what is wrong", () => {
  const wrongs = [0, -1, 1.5, null, "", [], {}, [[]], [-1], { role: 1 }, { type: 1 }, true];

  it.each(Object.entries(requestSchemas))(
    "is told once for a list of many in a request of %s",
    (_, schema) => {
      for (const wrong of wrongs) {
        const list = times(2000, wrong);
        const body = { model: "m", messages: list, input: list, documents: list, prompt: list, query: "q" };
        const checked = checkUntilWrong(schema, body);
        expect(checked.success ? 0 : checked.error.issues.length).toBeLessThan(4);
        expect(JSON.stringify(checked.error?.issues ?? []).length).toBeLessThan(20_000);
      }
    },
  );

  it("is told once for the labels of a job", () => {
    const many = (value: unknown) =>
      Object.fromEntries(Array.from({ length: 40_000 }, (_, n) => [`k${n}`, value]));
    const told = (metadata: unknown) =>
      errorOf(parseBody(createJobRequest, { task: "chat", input: {}, metadata })).message;
    expect(told(many(1))).toBe("metadata.k0: Invalid input: expected string, received number");
    expect(told(many("x".repeat(513)))).toBe(
      "metadata.k0: Too big: expected string to have <=512 characters",
    );
    expect(told(many("x"))).toBe("metadata: use at most 16 pairs");
    expect(told({ "": "x" })).toBe("metadata: names have 1 to 64 characters");
  });

  it("is told once for a provider's answer", () => {
    const data = (entry: unknown) => ({
      object: "list",
      model: "m",
      data: times(150_000, entry),
      usage: null,
    });
    expect(errorOf(checkAnswer(embeddingsResponse, data([])))).toMatchObject({ kind: "invalid_response" });
    expect(errorOf(checkAnswer(chatCompletion, { id: "1", choices: times(150_000, []) }))).toMatchObject({
      kind: "invalid_response",
    });
  });
});

describe("what is honest", () => {
  it("is read: 2,048 inputs of 300,000 tokens in all, and 10,000 messages with calls of tools", () => {
    const tokens = times(
      2048,
      Array.from({ length: 147 }, (_, n) => n * 7),
    );
    expect(refusalOf("embeddings", JSON.stringify({ model: "m", input: tokens }))).toBeUndefined();
    expect(refusalOf("completions", JSON.stringify({ model: "m", prompt: tokens.flat() }))).toBeUndefined();
    expect(refusalOf("chat", writeConversation())).toBeUndefined();
  });

  it("is read: 128 tools, each with enums and properties of its own, and a bias for a thousand tokens", () => {
    const properties = (tool: number) =>
      Object.fromEntries(
        Array.from({ length: 50 }, (_, n) => [`field_${tool}_${n}`, { type: "string", enum: ["a", "b"] }]),
      );
    const tools = Array.from({ length: 128 }, (_, n) => ({
      type: "function",
      function: { name: `tool_${n}`, parameters: { type: "object", properties: properties(n) } },
    }));
    const logit_bias = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`${n * 50}`, -100]));
    const body = { model: "m", messages: [{ role: "user", content: "x" }], tools, logit_bias };
    expect(refusalOf("chat", JSON.stringify(body))).toBeUndefined();
  });

  it("is read in answers: 2,048 vectors, and 12,000 tokens with 20 alternatives each", () => {
    const vectors = times(2048, { embedding: Array.from({ length: 300 }, (_, n) => n / 7) });
    expect(parseText(JSON.stringify({ data: vectors })).ok).toBe(true);
    const top = times(20, { token: "a", logprob: -1.5, bytes: [97] });
    const logprobs = {
      content: times(12_000, { token: "a", logprob: -1.5, bytes: [97], top_logprobs: top }),
    };
    expect(valueOf(parseText(JSON.stringify({ choices: [{ logprobs }] })))).toBeDefined();
  });

  it.each(["[]", "{}", '{"a":1}', "null", '""'])("is not an answer of 10 MB of %s", (part) => {
    expect(errorOf(parseText(listOf(part, 10_485_760)))).toMatchObject({
      kind: "invalid_response",
      reason: expect.stringMatching(
        /^the body has more than \d+ (arrays and objects|values|texts) \(at position \d+\)$/,
      ),
    });
  });
});
