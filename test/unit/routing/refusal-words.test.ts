import { describe, expect, it } from "vitest";
import { readRefusalWords, type RefusalWords } from "../../../worker/domain/routing/refusal-words.ts";

const read = (body: unknown) => readRefusalWords(typeof body === "string" ? body : JSON.stringify(body));
const message = "bad input";

describe("readRefusalWords", () => {
  it.each<[string, unknown, RefusalWords]>([
    [
      "OpenAI",
      {
        error: { message, type: "invalid_request_error", param: "messages", code: "context_length_exceeded" },
      },
      { message, type: "invalid_request_error", param: "messages", code: "context_length_exceeded" },
    ],
    ["a server with nulls", { error: { message, type: null, param: null, code: null } }, { message }],
    [
      "vLLM",
      { object: "error", message, type: "BadRequestError", code: 400 },
      { message, type: "BadRequestError" },
    ],
    ["Ollama", { error: message }, { message }],
    ["FastAPI", { detail: message }, { message }],
    ["Gemini's list", [{ error: { code: 400, message, status: "INVALID_ARGUMENT" } }], { message }],
    [
      "Anthropic",
      { type: "error", error: { type: "not_found_error", message } },
      { message, type: "not_found_error" },
    ],
    ["Cloudflare", { success: false, errors: [{ code: 5007, message }] }, { message }],
    ["AWS", { Message: message }, { message }],
    ["xAI", { code: "Some words", error: message }, { message }],
    [
      "a proxy",
      { detail: { error: { message, code: "too_many_images" } } },
      { message, code: "too_many_images" },
    ],
    [
      "a problem document",
      { type: "about:blank", title: "Bad Request", detail: message },
      { message, type: "about:blank" },
    ],
    ["plain text", "bad\n  input\u0007\r\n", { message }],
    ["a JSON text", JSON.stringify(message), { message }],
    [
      "one provider inside another's text",
      { error: { message: JSON.stringify({ error: { message, code: "tool_name" } }), code: "proxy" } },
      { message, code: "tool_name" },
    ],
    [
      "OpenRouter, which passes on what its own provider said",
      {
        error: {
          message: "Provider returned error",
          code: 400,
          metadata: { raw: `{"error":{"message":"${message}"}}` },
        },
      },
      { message },
    ],
  ])("finds them in the shape of %s", (_, body, words) => {
    expect(read(body)).toEqual(words);
  });

  it("says which fields FastAPI misses, in its list of details and wherever that stands", () => {
    const missing = {
      type: "missing",
      loc: ["body", "messages", 0, "content"],
      msg: "Field required",
      input: {},
    };
    const told = { message: "messages[0].content: Field required", param: "messages[0].content" };
    expect(read({ detail: [missing] })).toEqual(told);
    expect(read({ object: "error", message: { detail: [missing] } })).toEqual(told);
    expect(read({ detail: [{ msg: "no" }, missing] })).toEqual({ ...told, message: `no; ${told.message}` });
    expect(
      read({ detail: Array.from({ length: 50 }, () => missing) }).message?.match(/required/g),
    ).toHaveLength(3);
  });

  it.each([
    "<html><body>502 Bad Gateway</body></html>",
    "",
    "null",
    "12",
    "[]",
    "{}",
    '{"error":{"message":"half',
  ])("finds none in %j", (text) => {
    expect(read(text).message).toBeUndefined();
  });

  it("goes no deeper than words ever are", () => {
    let nested: unknown = { message };
    for (let depth = 0; depth < 30; depth++) nested = { error: nested };
    expect(read(nested)).toEqual({});
    expect(read("[".repeat(50_000)).message).toBeUndefined();
  });
});
