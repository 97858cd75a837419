import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  APICallError,
  embedMany,
  generateText,
  isStepCount,
  type ModelMessage,
  Output,
  streamText,
  tool,
} from "ai";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { API_KEY, readError, useDeployment } from "../deployment.ts";

// Warns of a limit on answers that it sets for models it does not know.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });

const app = useDeployment();
const connection = () => ({ baseURL: `${app.gateway.url}/v1`, name: "headrace", apiKey: API_KEY });
const compatible = () =>
  createOpenAICompatible({ ...connection(), includeUsage: true, supportsStructuredOutputs: true });
const openai = (send: typeof fetch = fetch) =>
  createOpenAI({ baseURL: `${app.gateway.url}/v1`, apiKey: API_KEY, fetch: send });
const anthropic = () => createAnthropic({ baseURL: `${app.gateway.url}/v1`, authToken: API_KEY });

/** The same model of the gateway, by each of its dialects. */
const MODELS = {
  "@ai-sdk/openai-compatible": () => compatible()("chat"),
  "@ai-sdk/anthropic": () => anthropic()("chat"),
  "@ai-sdk/openai": () => openai()("chat"),
};

const search = (calls: string[]) =>
  tool({
    description: "Looks something up.",
    inputSchema: z.object({ text: z.string() }),
    execute: async ({ text }) => {
      calls.push(text);
      return `found ${text}`;
    },
  });

/** The first step must call a tool; the next may answer. */
const requireOnce = ({ stepNumber }: { readonly stepNumber: number }) => ({
  toolChoice: stepNumber === 0 ? ("required" as const) : ("auto" as const),
});

for (const [client, model] of Object.entries(MODELS)) {
  describe(`the AI SDK by ${client}`, { meta: { client } }, () => {
    it("generates text, and counts it", { meta: { shows: ["text", "usage"] } }, async () => {
      const { text, finishReason, usage } = await generateText({ model: model(), prompt: "down to the sea" });
      expect({ text, finishReason }).toEqual({ text: "echo: down to the sea", finishReason: "stop" });
      expect(usage).toMatchObject({ inputTokens: 4, outputTokens: 5 });
    });

    it("streams text, and counts it", { meta: { shows: ["streams", "usage"] } }, async () => {
      const { textStream, finishReason, usage } = streamText({ model: model(), prompt: "to the sea" });
      const pieces = await Array.fromAsync(textStream);
      expect(pieces.length).toBeGreaterThan(1);
      expect(pieces.join("")).toBe("echo: to the sea");
      expect(await finishReason).toBe("stop");
      expect(await usage).toMatchObject({ inputTokens: 3, outputTokens: 4 });
    });

    it("calls a tool and goes on with what it gave", { meta: { shows: "tools" } }, async () => {
      const calls: string[] = [];
      const { text, steps } = await generateText({
        model: model(),
        prompt: "mills",
        tools: { search: search(calls) },
        prepareStep: requireOnce,
        stopWhen: isStepCount(4),
      });
      expect(calls).toEqual(["mills"]);
      expect(steps.map(({ finishReason }) => finishReason)).toEqual(["tool-calls", "stop"]);
      expect(text).toContain("found mills");
    });

    it("calls a tool in a stream", { meta: { shows: "tools" } }, async () => {
      const calls: string[] = [];
      const { textStream, steps } = streamText({
        model: model(),
        prompt: "weirs",
        tools: { search: search(calls) },
        prepareStep: requireOnce,
        stopWhen: isStepCount(4),
      });
      const text = (await Array.fromAsync(textStream)).join("");
      expect(calls).toEqual(["weirs"]);
      expect(await steps).toHaveLength(2);
      expect(text).toContain("found weirs");
    });

    it("ends the provider's call when a stream is aborted", { meta: { shows: "abort" } }, async () => {
      await app.primary.fault({ eventDelayMs: 10 });
      const controller = new AbortController();
      const { textStream } = streamText({
        model: model(),
        prompt: "word ".repeat(2000),
        abortSignal: controller.signal,
      });
      let text = "";
      for await (const piece of textStream) {
        text += piece;
        if (text.endsWith("word word")) controller.abort();
      }
      expect(text).toMatch(/^echo:( word)+$/);
      await app.primary.waitUntilAborted();
    });

    it(
      "throws what the gateway says, and knows whether to repeat",
      { meta: { shows: "errors" } },
      async () => {
        await app.primary.fault({ kind: "status", status: 400, body: { error: { message: "Too hot." } } });
        const error: unknown = await generateText({ model: model(), prompt: "x" }).catch(
          (reason: unknown) => reason,
        );
        expect(APICallError.isInstance(error) && error).toMatchObject({
          statusCode: 400,
          isRetryable: false,
          message: "Too hot.",
        });
        expect(await app.primary.requests()).toHaveLength(1);
      },
    );

    it("repeats after a failure that passes", { meta: { shows: "retries" } }, async () => {
      const rule = { times: 1 };
      await app.primary.fault({ kind: "status", status: 429, headers: { "retry-after": "0" } }, rule);
      const { text } = await generateText({ model: model(), prompt: "again", maxRetries: 1 });
      expect(text).toBe("echo: again");
    });
  });
}

describe("the AI SDK, with the gateway as OpenAI", { meta: { client: "@ai-sdk/openai" } }, () => {
  it(
    "goes on with what it refers to by its id: texts and thinking, whole and streamed",
    { meta: { shows: "thinking" } },
    async () => {
      let asked = "";
      const model = openai((url, init) => {
        asked = typeof init?.body === "string" ? init.body : "";
        return fetch(url, init);
      })("chat");
      for (const word of ["clouds", "rainy clouds"]) {
        const messages: ModelMessage[] = [{ role: "user", content: `!think Of ${word}.\n${word}` }];
        const first =
          word === "clouds" ? await generateText({ model, messages }) : streamText({ model, messages });
        const said = "responseMessages" in first ? await first.responseMessages : [];
        await generateText({ model, messages: [...messages, ...said, { role: "user", content: "and?" }] });
        expect(asked.match(/item_reference/g)).toHaveLength(2);
        const sent = (await app.primary.requests()).at(-1)?.body as { messages: unknown[] };
        expect(sent.messages).toMatchObject([
          { role: "user" },
          {
            role: "assistant",
            content: `echo: !think Of ${word}.\n${word}`,
            reasoning_content: `Of ${word}.`,
          },
          { role: "user", content: "and?" },
        ]);
      }
    },
  );

  it("goes on in a job, and behind one", async () => {
    const wait = { prefer: "wait=20" };
    const post = async (path: string, body: object) =>
      (await (await app.post(path, body, wait)).json()) as { output: { output: { id: string }[] } };
    const job = (input: unknown) => ({ task: "responses", input: { model: "uncached", input } });
    const { output } = await post("/v1/jobs", job("by the river"));
    const reference = { type: "item_reference", id: output.output[0]?.id };
    const next = [reference, { role: "user", content: "and then?" }];
    await post("/v1/jobs", job(next));
    await post("/v1/responses", { model: "uncached", input: next });
    const sent = (await app.primary.requests()).map(({ body }) => body as { messages: unknown });
    const expected = [
      { role: "assistant", content: "echo: by the river" },
      { role: "user", content: "and then?" },
    ];
    expect(sent.slice(1).map(({ messages }) => messages)).toEqual([expected, expected]);
  });

  it("sends pictures", { meta: { shows: "pictures" } }, async () => {
    const image = { type: "file" as const, mediaType: "image/png", data: "iVBORw0KGgo=" };
    const content = [{ type: "text" as const, text: "what is it?" }, image];
    const { text } = await generateText({ model: openai()("chat"), messages: [{ role: "user", content }] });
    expect(text).toBe("echo: what is it?");
    const [received] = await app.primary.requests();
    expect(JSON.stringify(received?.body)).toContain("data:image/png;base64,iVBORw0KGgo=");
  });

  it("is told which item is not there any more", async () => {
    const input = [{ type: "item_reference", id: "msg_gone_0" }];
    const response = await app.post("/v1/responses", { model: "chat", input });
    expect(response.status).toBe(422);
    expect((await readError(response)).message).toContain("there is no item 'msg_gone_0' here any more");
  });
});

describe(
  "the AI SDK, with the gateway as an OpenAI-compatible provider",
  { meta: { client: "@ai-sdk/openai-compatible" } },
  () => {
    const schema = z.object({ title: z.string(), pages: z.number(), tags: z.array(z.string()) });
    const expected = { title: "The Waves", pages: 0, tags: [] };

    it("generates an object", { meta: { shows: "objects" } }, async () => {
      const request = { model: compatible()("chat"), prompt: "The Waves", output: Output.object({ schema }) };
      expect((await generateText(request)).output).toEqual(expected);
      const [received] = await app.primary.requests();
      expect(received?.body).toMatchObject({ response_format: { type: "json_schema" } });
    });

    it("streams an object", { meta: { shows: "objects" } }, async () => {
      const request = { model: compatible()("chat"), prompt: "The Waves", output: Output.object({ schema }) };
      const { partialOutputStream, output } = streamText(request);
      const partial = await Array.fromAsync(partialOutputStream);
      expect(partial.length).toBeGreaterThan(1);
      expect(await output).toEqual(expected);
    });

    it("embeds many texts, in the Worker and at a provider", { meta: { shows: "embeddings" } }, async () => {
      for (const name of ["words", "embed"]) {
        const values = ["a mill", "a wheel", "a river"];
        const { embeddings, usage } = await embedMany({ model: compatible().embeddingModel(name), values });
        expect(embeddings.map((vector) => vector.every(Number.isFinite))).toEqual([true, true, true]);
        expect(usage.tokens).toBeGreaterThan(0);
      }
    });
  },
);
