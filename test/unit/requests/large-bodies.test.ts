import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkUntilWrong } from "../../../worker/contract/check-until-wrong.ts";
import { requestSchemas } from "../../../worker/contract/requests.ts";
import { createJobRequest } from "../../../worker/contract/jobs/create-job-request.ts";
import { checkAnswer, parseText } from "../../../worker/domain/answers/parse-answer.ts";
import { parseJson } from "../../../worker/domain/requests/parse-json.ts";
import { parseBody } from "../../../worker/domain/requests/parse-request.ts";
import { chatCompletion, embeddingsResponse } from "../../../worker/contract/responses.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";
import { listOf, REFUSED } from "./large-bodies.ts";

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
});

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
  it("is read: 2,048 inputs of tokens, and 10,000 messages with calls of tools", () => {
    const tokens = times(
      2048,
      Array.from({ length: 400 }, (_, n) => n * 7),
    );
    expect(parseJson(JSON.stringify({ model: "m", input: tokens })).ok).toBe(true);
    const call = { id: "call_1", type: "function", function: { name: "look_up", arguments: "{}" } };
    const messages = times(10_000, { role: "assistant", content: "some words", tool_calls: [call] });
    expect(parseJson(JSON.stringify({ model: "m", messages }), { countsNumbers: true }).ok).toBe(true);
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
        /^the body has more than \d+ (arrays and objects|values) \(at position \d+\)$/,
      ),
    });
  });
});
