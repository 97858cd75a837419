import { describe, expect, it } from "vitest";
import type { ChatRequest } from "../../../worker/contract/requests.ts";
import type { Connection, HttpTask } from "../../../worker/domain/routing/adapter.ts";
import { createAzureOpenai } from "../../../worker/providers/azure-openai/adapter.ts";
import { createChatReader } from "../../../worker/providers/azure-openai/read-chat-event.ts";
import { readData } from "../../../worker/domain/answers/server-sent-events.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const connection: Connection = {
  baseUrl: "https://mine.example",
  apiKey: "key-1",
  headers: { "x-team": "blue" },
};
const input: ChatRequest = { model: "chat", messages: [{ role: "user", content: "Hi" }] };
const build = (apiVersion: string | undefined, model = "gpt-4o", to = connection) =>
  (createAzureOpenai(apiVersion).chat as HttpTask<"chat">).buildRequest(input, model, to);
const urlOf = (apiVersion: string | undefined, baseUrl = connection.baseUrl) =>
  valueOf(build(apiVersion, "gpt-4o", { ...connection, baseUrl })).url;

describe("where Azure OpenAI is asked", () => {
  it.each([
    [undefined, "https://mine.example/openai/v1/chat/completions"],
    ["preview", "https://mine.example/openai/v1/chat/completions?api-version=preview"],
    ["2024-10-21", "https://mine.example/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"],
  ])("with the API version %s", (apiVersion, url) => {
    expect(urlOf(apiVersion)).toBe(url);
  });

  it.each(["/openai", "/openai/v1"])("though the base URL came with %s", (path) => {
    expect(urlOf(undefined, connection.baseUrl + path)).toBe(urlOf(undefined));
    expect(urlOf("2024-10-21", connection.baseUrl + path)).toBe(urlOf("2024-10-21"));
  });

  it.each(["..", "a/b", "a?b", "a#b", "%2e%2e", "", "-x"])("never by a deployment named %j", (model) => {
    for (const version of [undefined, "2024-10-21"])
      expect(errorOf(build(version, model)).kind).toBe("invalid_input");
  });

  it("has its key in a header of its own", () => {
    expect(valueOf(build(undefined)).headers).toEqual({
      "x-team": "blue",
      "api-key": "key-1",
      "content-type": "application/json",
    });
  });

  it("has the Responses API in v1 alone", () => {
    expect(Object.keys(createAzureOpenai(undefined)).toSorted()).toEqual([
      "chat",
      "completions",
      "embeddings",
      "responses",
    ]);
    expect(Object.keys(createAzureOpenai("2024-10-21")).toSorted()).toEqual([
      "chat",
      "completions",
      "embeddings",
    ]);
  });
});

describe("createChatReader", () => {
  const results = { hate: { filtered: false, severity: "safe" } };
  const read = (data: object) => createChatReader()({ name: undefined, data: JSON.stringify(data) });
  const emitted = (data: object) => {
    const event = read(data);
    expect(event.kind).toBe("comment");
    return JSON.parse(readData(("emit" in event && event.emit) || "") ?? "") as unknown;
  };

  it("makes the prompt's verdict a chunk that adds nothing, not usage that nobody gets to see", () => {
    const prompt_filter_results = [{ prompt_index: 0, content_filter_results: results }];
    expect(
      emitted({ choices: [], id: "", object: "", model: "", prompt_filter_results, usage: null }),
    ).toEqual({
      id: "",
      object: "chat.completion.chunk",
      model: "",
      prompt_filter_results,
      usage: null,
      choices: [{ index: 0, delta: {}, finish_reason: null }],
    });
  });

  it("gives a late verdict's choices the delta that clients read", () => {
    const choice = {
      index: 0,
      finish_reason: null,
      content_filter_results: results,
      content_filter_offsets: { start_offset: 0 },
    };
    expect(emitted({ choices: [choice], object: "" })).toEqual({
      object: "chat.completion.chunk",
      choices: [{ ...choice, delta: {} }],
    });
  });

  it("leaves text, usage and the end as they came", () => {
    const text = {
      choices: [
        { index: 0, delta: { content: '"content_filter_offsets":' }, content_filter_results: results },
      ],
    };
    expect(read(text)).toEqual({ kind: "delta" });
    expect(read({ choices: [], usage: { total_tokens: 3 } })).toEqual({
      kind: "usage",
      usage: { prompt_tokens: 3, total_tokens: 3 },
      only: true,
    });
    const reader = createChatReader();
    reader({ name: undefined, data: JSON.stringify(text) });
    expect(reader({ name: undefined, data: "[DONE]" })).toEqual({ kind: "done" });
  });

  it("counts what is used and fails where it fails, whatever the filter adds", () => {
    const prompt_filter_results: never[] = [];
    expect(read({ choices: [], usage: { total_tokens: 3 }, prompt_filter_results }).kind).toBe("usage");
    expect(read({ choices: [], error: { message: "no" }, prompt_filter_results }).kind).toBe("error");
  });

  it("takes an annotation of no shape for an error", () => {
    expect(read({ choices: 5, prompt_filter_results: [] }).kind).toBe("error");
  });
});
