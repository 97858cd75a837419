import { describe, expect, it } from "vitest";
import { groupEvents } from "../../../worker/domain/answers/group-events.ts";
import { cutEvents } from "../../../worker/domain/answers/server-sent-events.ts";
import { failureOfTold } from "../../../worker/domain/routing/upstream-failure.ts";
import { createAnthropic } from "../../../worker/providers/anthropic/adapter.ts";
import { readCompletion } from "../../../worker/providers/openai/read-answer.ts";
import { createEventReader } from "../../../worker/providers/openai/read-event.ts";
import { responsesTask } from "../../../worker/providers/openai/responses.ts";
import { errorOf } from "../unwrap-result.ts";

const ASKED = { model: "chat", input: "x" };
const LENGTH = { code: "context_length_exceeded", message: "Your input exceeds the context window." };

/** How clients are told of a failure in a response's stream, by its event. */
function endOf(event: { readonly type: string; readonly [field: string]: unknown }) {
  const read = responsesTask.readStream?.(ASKED);
  if (!read) throw new Error("no streams");
  const text = `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  const { end } = groupEvents(cutEvents(text).events, read);
  return end?.ok === false ? end.error : undefined;
}

describe("a response that has failed", () => {
  it("tells clients its code and its words where they can act upon them, in each of its forms", () => {
    const told = expect.objectContaining(LENGTH) as object;
    expect(endOf({ type: "response.failed", response: { status: "failed", error: LENGTH } })).toEqual(told);
    expect(endOf({ type: "error", ...LENGTH, param: null })).toEqual(told);
    expect(endOf({ type: "error", error: { type: "invalid_request_error", ...LENGTH } })).toEqual(told);
    const whole = JSON.stringify({ object: "response", status: "failed", output: [], error: LENGTH });
    const failed = errorOf(responsesTask.parseResponse(whole, ASKED));
    expect(failed.told && failureOfTold(failed.told)).toMatchObject({
      tryNext: true,
      status: 400,
      error: LENGTH,
    });
  });

  it.each([
    ["invalid_prompt", { code: "invalid_request", providerCode: "invalid_prompt", message: "No." }],
    ["image_too_large", { code: "invalid_request", providerCode: "image_too_large", message: "No." }],
    ["rate_limit_exceeded", { code: "rate_limited" }],
    ["server_error", { code: "upstream_error" }],
    ["server_is_overloaded", { code: "overloaded", providerCode: "server_is_overloaded" }],
    ["brand_new", { code: "upstream_error" }],
  ])("is told as it would be with a status of its own: %s", (code, told) => {
    const error = endOf({ type: "response.failed", response: { error: { code, message: "No." } } });
    expect(error).toMatchObject(told);
    expect(error?.message).toBe("message" in told ? "No." : undefined);
  });

  it("may say nothing of why", () => {
    expect(endOf({ type: "response.failed", response: {} })).toEqual({
      code: "upstream_error",
      reason: "status 500",
    });
  });
});

describe("an error in a chat's stream or its answer", () => {
  const endOfChat = (error: unknown) => {
    const text = `data: ${JSON.stringify({ error })}\n\n`;
    const { end, isTold } = groupEvents(cutEvents(text).events, createEventReader());
    return { error: end?.ok === false ? end.error : undefined, isTold };
  };

  it.each<[string, unknown, object]>([
    [
      "OpenAI's",
      { ...LENGTH, type: "invalid_request_error", param: "messages" },
      { ...LENGTH, param: "messages" },
    ],
    ["by its code", LENGTH, LENGTH],
    [
      "by its type",
      { type: "invalid_request_error", code: "invalid_image", message: "No\n image.", param: "messages.1" },
      { code: "invalid_request", providerCode: "invalid_image", message: "No image.", param: "messages.1" },
    ],
    [
      "by a number, passed on from another server",
      { code: 400, message: "Provider returned error", metadata: { raw: JSON.stringify({ error: LENGTH }) } },
      LENGTH,
    ],
    ["by a number in a text", { code: "429", message: "Slow down." }, { code: "rate_limited" }],
    [
      "of the account",
      { code: "insufficient_quota", message: "Pay." },
      { code: "upstream_error", retryable: false },
    ],
    ["of an overload", { type: "overloaded_error", message: "Overloaded" }, { code: "overloaded" }],
    ["in a text alone", "boom", { code: "upstream_error", reason: "status 500", quote: "boom" }],
    ["without words", true, { code: "upstream_error", reason: "status 500" }],
  ])("is told as it would be with a status of its own: %s", (_, error, told) => {
    expect(endOfChat(error).error).toMatchObject(told);
    const whole = errorOf(readCompletion(JSON.stringify({ error }), "m"));
    expect(whole.told && failureOfTold(whole.told).error.code).toBe(endOfChat(error).error?.code);
  });

  it("says nothing of the provider's own faults to clients", () => {
    expect(endOfChat({ code: "server_error", message: "boom at 10.0.0.1" }).error?.message).toBeUndefined();
  });

  it("is seen by clients of the same API where it has its words in the right place", () => {
    expect(endOfChat({ message: "boom" }).isTold).toBe(true);
    for (const error of ["boom", true, { code: 500 }]) expect(endOfChat(error).isTold).toBe(false);
  });
});

describe("an error in a message's stream", () => {
  it("that says that the server is overloaded is told as that", () => {
    const read = createAnthropic(Date.now).messages;
    if (read?.kind !== "http" || !read.readStream) throw new Error("no streams");
    const error = { type: "overloaded_error", message: "Overloaded" };
    const text = `event: error\ndata: ${JSON.stringify({ type: "error", error })}\n\n`;
    const { end } = groupEvents(
      cutEvents(text).events,
      read.readStream({ model: "chat", max_tokens: 1, messages: [{ role: "user", content: "x" }] }),
    );
    expect(end).toMatchObject({ ok: false, error: { code: "overloaded" } });
  });
});
