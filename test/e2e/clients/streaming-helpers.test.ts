import OpenAI, { APIUserAbortError, NotFoundError } from "openai";
import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { API_KEY, useDeployment } from "../deployment.ts";

const app = useDeployment();
const openai = () => new OpenAI({ baseURL: `${app.gateway.url}/v1`, apiKey: API_KEY, maxRetries: 0 });
const ask = (content: string) => [{ role: "user" as const, content }];

const answer = z.object({ title: z.string(), pages: z.number(), kind: z.enum(["novel", "poem"]) });
const format = zodResponseFormat(answer, "answer");
const lookUp = (calls: string[]) =>
  zodFunction({
    name: "look_up",
    parameters: z.object({ text: z.string() }),
    function: ({ text }) => {
      calls.push(text);
      return `found ${text}`;
    },
  });

describe("the openai package's helpers", { meta: { client: "openai" } }, () => {
  it("parse a structured answer", { meta: { shows: "objects" } }, async () => {
    const completion = await openai().chat.completions.parse({
      model: "chat",
      messages: ask("The Waves"),
      response_format: format,
    });
    const parsed = completion.choices[0]?.message.parsed;
    expect(parsed).toEqual({ title: "The Waves", pages: 0, kind: "novel" });
    const [received] = await app.primary.requests();
    expect(received?.body).toMatchObject({ response_format: { type: "json_schema" } });
  });

  it("parse a tool's arguments", { meta: { shows: "tools" } }, async () => {
    const completion = await openai().chat.completions.parse({
      model: "chat",
      messages: ask("rivers"),
      tools: [lookUp([])],
      tool_choice: "required",
    });
    const [call] = completion.choices[0]?.message.tool_calls ?? [];
    expect(call).toMatchObject({ function: { parsed_arguments: { text: "rivers" } } });
  });

  it(
    "collect a stream into a completion, with its usage",
    { meta: { shows: ["streams", "usage"] } },
    async () => {
      const stream = openai().chat.completions.stream({
        model: "chat",
        messages: ask("down to the sea"),
        stream_options: { include_usage: true },
      });
      const deltas: string[] = [];
      stream.on("content", (delta) => deltas.push(delta));
      const completion = await stream.finalChatCompletion();
      expect(deltas.join("")).toBe("echo: down to the sea");
      expect(completion.choices[0]).toMatchObject({
        message: { content: "echo: down to the sea" },
        finish_reason: "stop",
      });
      expect(await stream.totalUsage()).toMatchObject({ prompt_tokens: 4, completion_tokens: 5 });
    },
  );

  it("parse a structured answer as it is streamed", { meta: { shows: "objects" } }, async () => {
    const stream = openai().chat.completions.stream({
      model: "chat",
      messages: ask("To the Lighthouse"),
      response_format: format,
    });
    const completion = await stream.finalChatCompletion();
    expect(completion.choices[0]?.message.parsed).toMatchObject({ title: "To the Lighthouse" });
  });

  it.each([false, true])("run tools until the answer is there (streamed: %s)", async (stream) => {
    const calls: string[] = [];
    const params = { model: "chat", messages: ask("mills"), tools: [lookUp(calls)] };
    const choice = { tool_choice: "required" as const };
    const completions = openai().chat.completions;
    const runner = stream
      ? completions.runTools({ ...params, ...choice, stream: true })
      : completions.runTools({ ...params, ...choice, stream: false });
    expect(await runner.finalContent()).toBe("echo: found mills");
    expect(calls).toEqual(["mills"]);
    const [, second] = await app.primary.requests();
    expect(second?.body).toMatchObject({
      messages: [
        { role: "user" },
        { role: "assistant", tool_calls: [{ function: { name: "look_up" } }] },
        { role: "tool", content: "found mills" },
      ],
    });
  });

  it("abort a stream, and with it the provider's call", { meta: { shows: "abort" } }, async () => {
    await app.primary.fault({ eventDelayMs: 10 });
    const stream = openai().chat.completions.stream({ model: "chat", messages: ask("word ".repeat(2000)) });
    stream.on("content", (_, snapshot) => {
      if (snapshot.endsWith("word word")) stream.abort();
    });
    await expect(stream.finalChatCompletion()).rejects.toBeInstanceOf(APIUserAbortError);
    await app.primary.waitUntilAborted();
  });

  it(
    "reject with the gateway's error where the stream never begins",
    { meta: { shows: "errors" } },
    async () => {
      const stream = openai().chat.completions.stream({ model: "nobody", messages: ask("x") });
      await expect(stream.done()).rejects.toBeInstanceOf(NotFoundError);
    },
  );

  it("read the response's headers beside the answer", async () => {
    const { data, response, request_id } = await openai()
      .chat.completions.create({ model: "chat", messages: ask("hi") })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe("echo: hi");
    expect(response.headers.get("x-headrace-target")).toBe("targets[0]=primary/big");
    expect(request_id).toBe(response.headers.get("x-request-id"));
  });

  it("moderate", { meta: { shows: "moderations" } }, async () => {
    const { results } = await openai().moderations.create({
      model: "moderate",
      input: ["a calm river", "violence"],
    });
    expect(results.map(({ flagged }) => flagged)).toEqual([false, true]);
  });
});
