import { describe, expect, it } from "vitest";
import { PRESETS } from "../../../worker/contract/config/presets.ts";
import type { Task } from "../../../worker/contract/requests.ts";
import type { ProviderAdapter } from "../../../worker/domain/routing/adapter.ts";
import { attemptTarget } from "../../../worker/flows/targets/attempt-target.ts";
import { createAnthropic } from "../../../worker/providers/anthropic/adapter.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { withDialects } from "../../../worker/providers/with-dialects.ts";
import { ask, chat, openWorld, type Provider, readBody, refuse } from "../flow-services.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

function open(adapter: ProviderAdapter, task: Task, provider: Provider) {
  const world = openWorld();
  world.provider = provider;
  const attempt = (body: object) => {
    const call = { ...ask(world, chat(body)), task };
    const [target] = call.route.targets;
    if (!target) throw new Error("the route has no target");
    return attemptTarget(world.services, { route: call.route, target: { ...target, adapter } }, call);
  };
  return { world, attempt };
}

describe("a server whose Responses API lacks some of Codex's tools", () => {
  const tools = [{ type: "namespace", name: "notes", tools: [{ type: "function", name: "find" }] }];
  const vllm = withDialects(createOpenai(PRESETS.vllm));
  const called = { id: "call_1", type: "function", function: { name: "notes__find", arguments: "{}" } };
  const message = { role: "assistant", content: null, tool_calls: [called] };

  it("is asked by chat for them, and its answer has them as the client sent them", async () => {
    const { world, attempt } = open(vllm, "responses", () =>
      Response.json({
        id: "c1",
        created: 1,
        model: "big",
        choices: [{ message, finish_reason: "tool_calls" }],
      }),
    );
    const { text } = await readBody(valueOf(await attempt({ input: "Hi", tools })));
    expect(world.asked.map(({ url }) => url)).toEqual(["https://one.example/v1/chat/completions"]);
    expect(JSON.parse(text)).toMatchObject({
      object: "response",
      output: [{ type: "function_call", namespace: "notes", name: "find", arguments: "{}" }],
    });
  });

  it("is asked by its own API for all that it has", async () => {
    const response = { object: "response", status: "completed", output: [] };
    const { world, attempt } = open(vllm, "responses", () => Response.json(response));
    const { text } = await readBody(
      valueOf(await attempt({ input: "Hi", tools: [{ type: "function", name: "find" }] })),
    );
    expect(world.asked.map(({ url }) => url)).toEqual(["https://one.example/v1/responses"]);
    expect(JSON.parse(text)).toEqual(response);
  });
});

describe("a server of Anthropic's API that counts no tokens", () => {
  const anthropic = withDialects(createAnthropic(() => 0));
  const body = { messages: [{ role: "user", content: "Hello there" }] };

  it.each([
    ["404", () => refuse(404, "Not Found")],
    ["404 of a page", () => new Response("<html>", { status: 404 })],
    ["405", () => refuse(405, "Method Not Allowed")],
    ["200 of an error", () => Response.json({ error: "Unexpected endpoint or method." })],
    ["501", () => new Response(null, { status: 501 })],
  ])("is answered for by an estimate that says so: %s", async (_, provider) => {
    const { attempt } = open(anthropic, "countTokens", provider);
    const { text } = await readBody(valueOf(await attempt(body)));
    expect(JSON.parse(text)).toEqual({ input_tokens: expect.any(Number) as number, estimated: true });
  });

  it.each([
    ["an unknown model", () => refuse(404, "model: claude-9"), "upstream_error"],
    ["the client's own fault", () => refuse(400, "messages: at least one"), "invalid_request"],
    ["a limit", () => refuse(429), "rate_limited"],
  ])("is told as it is, where it is something else: %s", async (_, provider, code) => {
    const { attempt } = open(anthropic, "countTokens", provider);
    expect(errorOf(await attempt(body)).error.code).toBe(code);
  });
});
