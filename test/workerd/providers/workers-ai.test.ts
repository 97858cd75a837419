import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createHeadrace } from "../../../worker/create-headrace.ts";
import type { Environment } from "../../../worker/platform/environment.ts";
import type { AiBinding } from "../../../worker/platform/workers-ai.ts";
import { embedded } from "../../../worker/providers/embedded/adapter.ts";
import config from "../../fixtures/deployment/headrace.config.ts";

const real = env as unknown as Environment;

interface Run {
  readonly model: string;
  readonly inputs: unknown;
  readonly options: { readonly returnRawResponse: true; readonly signal?: AbortSignal };
}

/** The binding AI as the platform has it, with answers of the test's choice. */
function fakeAi(answer: (run: Run) => Promise<Response> | Response) {
  const runs: Run[] = [];
  const binding: AiBinding = {
    run: async (model, inputs, options) => {
      runs.push({ model, inputs, options });
      return answer({ model, inputs, options });
    },
  };
  return { binding, runs };
}

/** An isolate's Worker; without a binding as in the default environment. */
function startWorker(ai: AiBinding | undefined) {
  const { worker } = createHeadrace(config, { providers: { embedded } });
  return async (path: string, body: unknown) => {
    const execution = createExecutionContext();
    const request = new Request(`https://gateway.example${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: {
        authorization: "Bearer hr_test_workerdworkerdworkerdworkerd",
        "content-type": "application/json",
        "cache-control": "no-store",
      },
    });
    const answer = await worker.fetch?.(
      request as Parameters<NonNullable<typeof worker.fetch>>[0],
      ai ? { ...real, AI: ai } : real,
      execution,
    );
    if (!answer) throw new Error("no answer");
    const text = await answer.text();
    await waitOnExecutionContext(execution);
    return { status: answer.status, headers: answer.headers, text };
  };
}

const messages = [{ role: "user", content: "What colour is the sky?" }];
const usage = { prompt_tokens: 20, completion_tokens: 3, total_tokens: 23 };
const events = (...data: string[]) =>
  new Response(data.map((each) => `data: ${each}\n\n`).join(""), {
    headers: { "content-type": "text/event-stream" },
  });

describe("Workers AI", () => {
  it("runs the target's model with the client's fields and answers a completion", async () => {
    const { binding, runs } = fakeAi(() => Response.json({ response: "Blue.", usage }));
    const answer = await startWorker(binding)("/v1/chat/completions", {
      model: "cloudflare",
      messages,
      max_tokens: 5,
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({
      object: "chat.completion",
      model: "cloudflare",
      choices: [{ message: { role: "assistant", content: "Blue." }, finish_reason: "stop" }],
      usage,
    });
    expect(runs).toMatchObject([
      { model: "@cf/meta/llama-3.1-8b-instruct", inputs: { messages, max_tokens: 5 } },
    ]);
    expect(runs[0]?.options.returnRawResponse).toBe(true);
    expect(Number(answer.headers.get("x-headrace-cost-usd"))).toBeGreaterThan(0);
  });

  it("streams OpenAI's chunks, usage for those who ask", async () => {
    const { binding } = fakeAi(() =>
      events(
        '{"response":"Blue","p":"abc"}',
        '{"response":".","p":"a"}',
        JSON.stringify({ response: "", usage }),
        "[DONE]",
      ),
    );
    const send = startWorker(binding);
    const body = { model: "cloudflare", messages, stream: true };
    const silent = await send("/v1/chat/completions", body);
    expect(silent.headers.get("content-type")).toContain("text/event-stream");
    expect(silent.text).toContain('"delta":{"role":"assistant","content":"Blue"}');
    expect(silent.text.trimEnd().endsWith("data: [DONE]")).toBe(true);
    expect(silent.text).not.toContain("usage");
    const told = await send("/v1/chat/completions", { ...body, stream_options: { include_usage: true } });
    expect(told.text).toContain('"choices":[],"usage":{"prompt_tokens":20');
  });

  it("embeds", async () => {
    const { binding, runs } = fakeAi(() =>
      Response.json({
        shape: [2, 2],
        data: [
          [1, 2],
          [3, 4],
        ],
      }),
    );
    const answer = await startWorker(binding)("/v1/embeddings", {
      model: "cloudflare-embed",
      input: ["a", "b"],
    });
    expect(JSON.parse(answer.text)).toMatchObject({ data: [{ embedding: [1, 2] }, { embedding: [3, 4] }] });
    expect(runs).toMatchObject([{ model: "@cf/baai/bge-m3", inputs: { text: ["a", "b"] } }]);
  });

  it("reranks", async () => {
    const { binding, runs } = fakeAi(() =>
      Response.json({
        response: [
          { id: 1, score: 0.9 },
          { id: 0, score: 0.1 },
        ],
      }),
    );
    const body = { model: "cloudflare-rerank", query: "q", documents: ["a", "b"] };
    const answer = await startWorker(binding)("/v1/rerank", body);
    expect(JSON.parse(answer.text)).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
    expect(runs).toMatchObject([{ inputs: { query: "q", contexts: [{ text: "a" }, { text: "b" }] } }]);
  });

  it("passes the client's own mistakes on, with the model's words", async () => {
    const said = { internalCode: 5006, message: "Bad input: max_tokens is too large", name: "AiError" };
    const { binding } = fakeAi(() => Response.json(said, { status: 400 }));
    const answer = await startWorker(binding)("/v1/chat/completions", {
      model: "cloudflare-fallback",
      messages,
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("max_tokens is too large");
  });

  it("that throws is a failed attempt, and its words stay inside", async () => {
    const { binding } = fakeAi(() => Promise.reject(new Error("InferenceUpstreamError: /srv/secret")));
    const answer = await startWorker(binding)("/v1/chat/completions", { model: "cloudflare", messages });
    expect(answer.status).toBe(502);
    expect(answer.text).not.toContain("secret");
  });

  it("that never answers is given up in time, and told so by the signal", async () => {
    const { binding, runs } = fakeAi(() => new Promise<Response>(() => undefined));
    const answer = await startWorker(binding)("/v1/chat/completions", {
      model: "cloudflare-impatient",
      messages,
    });
    expect(answer.status).toBe(504);
    expect(runs[0]?.options.signal?.aborted).toBe(true);
  });

  it("whose stream falls silent is given up, though the runtime knows no signal", async () => {
    let cancelled = false;
    const stalled = () =>
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode('data: {"response":"Blue"}\n\n')),
        cancel: () => {
          cancelled = true;
        },
      });
    const { binding } = fakeAi(
      () => new Response(stalled(), { headers: { "content-type": "text/event-stream" } }),
    );
    const answer = await startWorker(binding)("/v1/chat/completions", {
      model: "cloudflare-impatient",
      messages,
      stream: true,
    });
    expect(answer.text).toContain('"content":"Blue"');
    expect(answer.text).toContain('"code":"upstream_timeout"');
    expect(cancelled).toBe(true);
  });
});

describe("without the binding AI", () => {
  it("the provider is unavailable, and says what is missing", async () => {
    const answer = await startWorker(undefined)("/v1/chat/completions", { model: "cloudflare", messages });
    expect(answer.status).toBe(503);
    expect(answer.text).toContain("binding AI");
  });
});
