import { describe, expect, it } from "vitest";
import type { Task } from "../../../worker/contract/requests.ts";
import type { ProviderAdapter } from "../../../worker/domain/routing/adapter.ts";
import { attemptTarget } from "../../../worker/flows/targets/attempt-target.ts";
import { createAnthropic } from "../../../worker/providers/anthropic/adapter.ts";
import { createGoogle } from "../../../worker/providers/google/adapter.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { withDialects } from "../../../worker/providers/with-dialects.ts";
import { ask, chat, openWorld, type Provider, readBody, streams } from "../flow-services.ts";

const openai = withDialects(createOpenai({ responses: true }));
const anthropic = withDialects(createAnthropic(() => 0));
const google = withDialects(createGoogle(() => 0));

/** What an attempt at a target tells, which costs a dollar a token of input, and two of output. */
async function tellAttempt(adapter: ProviderAdapter, task: Task, body: object, provider: Provider) {
  const world = openWorld();
  world.provider = provider;
  const call = { ...ask(world, chat(body)), task };
  const [target] = call.route.targets;
  if (!target) throw new Error("the route has no target");
  const attempt = await attemptTarget(
    world.services,
    { route: call.route, target: { ...target, adapter } },
    call,
  );
  if (attempt.ok) await readBody(attempt.value);
  await world.settle();
  return world.attempts();
}

const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
const COUNTS = { input_tokens: 3, output_tokens: 2 };
const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const COUNTED = { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 };
const PROMPT = { input: "Hello", max_tokens: 9 };

describe("a whole answer that cannot be used is billed all the same, and its use is told", () => {
  const failed = { error: { code: "server_error", message: "boom" }, status: "failed", output: [] };
  const noCalls = { content: [{ type: "tool_use" }], usage: COUNTS, type: "message" };
  const brokeOff = { candidates: [{ finishReason: "MALFORMED_FUNCTION_CALL" }], usageMetadata: COUNTED };

  it.each<[string, ProviderAdapter, Task, object]>([
    ["no choices", openai, "chat", { choices: [], usage: USAGE }],
    ["a choice that failed", openai, "chat", { choices: [{ finish_reason: "error" }], usage: USAGE }],
    ["an error beside it", openai, "chat", { error: { message: "boom" }, choices: [], usage: USAGE }],
    ["an error under a translated API", openai, "messages", { error: { message: "boom" }, usage: USAGE }],
    ["a failed response", openai, "responses", { ...failed, object: "response", usage: COUNTS }],
    ["a call without its name", anthropic, "chat", noCalls],
    ["a message without content", anthropic, "messages", { type: "message", usage: COUNTS }],
    ["a malformed call", google, "chat", brokeOff],
    ["a malformed call, translated", google, "responses", brokeOff],
  ])("%s", async (_, adapter, task, answer) => {
    expect(await tellAttempt(adapter, task, PROMPT, () => Response.json(answer))).toMatchObject([
      { usage: { prompt_tokens: 3, completion_tokens: 2 }, costUsd: 7, complete: false },
    ]);
  });

  it("nonsense says nothing of its use", async () => {
    const told = await tellAttempt(openai, "chat", {}, () => new Response("<html>"));
    expect(told).toMatchObject([{ usage: null, costUsd: undefined }]);
  });

  it("one that breaks off has had its request read, which is an estimate", async () => {
    const breaksOff = () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode('{"choices":')),
          pull: (controller) => controller.error(new Error("Network connection lost.")),
        }),
      );
    expect(await tellAttempt(openai, "chat", {}, breaksOff)).toMatchObject([
      { error: "upstream_error", usage: { estimated: true, completion_tokens: 0 }, complete: false },
    ]);
  });

  it("what is refused costs nothing, not even where the provider says that it took too long", async () => {
    const told = await tellAttempt(openai, "chat", {}, () => new Response("", { status: 408 }));
    expect(told).toMatchObject([{ error: "upstream_timeout", usage: null, costUsd: undefined }]);
  });

  it("a stream in place of a whole answer that breaks after it has counted", async () => {
    const chunk = event({ choices: [], usage: USAGE });
    const told = await tellAttempt(openai, "chat", {}, () => new Response(chunk + event({ error: "boom" })));
    expect(told).toMatchObject([{ usage: USAGE, costUsd: 7, complete: false }]);
  });
});

interface Streamed {
  readonly by: ProviderAdapter;
  readonly as: Task;
  readonly events: readonly string[];
  readonly costUsd: number;
}

describe("a stream that breaks after it has said what was used", () => {
  const says = event({ choices: [{ index: 0, delta: { content: "Hi" } }] });
  const start = event({
    type: "message_start",
    message: { usage: { ...COUNTS, cache_read_input_tokens: 4 } },
  });
  const block = event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
  const text = event({
    type: "content_block_delta",
    index: 0,
    delta: { type: "text_delta", text: "Hi" },
  });
  const overloaded = event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } });
  const part = event({ candidates: [{ content: { parts: [{ text: "Hi" }] } }], usageMetadata: COUNTED });
  const failed = { type: "response.failed", response: { usage: COUNTS, error: { message: "boom" } } };
  const lost = { usage: USAGE, choices: [{ index: 0, delta: {}, finish_reason: "error" }] };

  const boom = event({ error: { message: "boom" } });
  const counts = event({ choices: [], usage: USAGE });
  /** The start of the text, and five words. */
  const words = [start, block, ...Array<string>(5).fill(text)];

  it.each<[string, Streamed]>([
    ["before its first word", { by: anthropic, as: "messages", events: [start, overloaded], costUsd: 11 }],
    ["the same, translated", { by: anthropic, as: "chat", events: [start, overloaded], costUsd: 11 }],
    ["after a word", { by: anthropic, as: "chat", events: [start, block, text, overloaded], costUsd: 11 }],
    // Six parts came of an answer whose count, at its start, was two tokens.
    ["after more words than counted", { by: anthropic, as: "chat", events: words, costUsd: 7 + 2 * 6 }],
    ["with counts in each event", { by: google, as: "chat", events: [part, boom], costUsd: 7 }],
    ["with counts before the error", { by: openai, as: "chat", events: [says, counts, boom], costUsd: 7 }],
    ["with counts beside the error", { by: openai, as: "chat", events: [says, event(lost)], costUsd: 7 }],
    ["with counts in the failure", { by: openai, as: "responses", events: [event(failed)], costUsd: 7 }],
  ])("%s", async (_, { by, as, events, costUsd }) => {
    const told = await tellAttempt(by, as, { ...PROMPT, stream: true }, streams(...events));
    expect(told).toMatchObject([{ costUsd, complete: false }]);
    expect(told[0]?.error).toBeTruthy();
  });
});
