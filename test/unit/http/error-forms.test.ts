import { describe, expect, it } from "vitest";
import { ERRORS, type ErrorCode } from "../../../worker/contract/errors.ts";
import { findStatus, writeErrorBody, writeErrorEvent } from "../../../worker/http/error-forms.ts";

const typeOf = (code: ErrorCode, task: "messages" | "countTokens") =>
  (writeErrorBody({ code }, "r", task) as { error: { type: string } }).error.type;

describe("an error of Anthropic's API", () => {
  it.each<[ErrorCode, string]>([
    ["invalid_request", "invalid_request_error"],
    ["model_input_invalid", "invalid_request_error"],
    ["unauthenticated", "authentication_error"],
    ["scope_denied", "permission_error"],
    ["not_found", "not_found_error"],
    ["model_not_found", "not_found_error"],
    ["payload_too_large", "request_too_large"],
    ["rate_limited", "rate_limit_error"],
    ["internal_error", "api_error"],
    ["upstream_error", "api_error"],
    ["not_configured", "api_error"],
    ["overloaded", "overloaded_error"],
    ["upstream_timeout", "timeout_error"],
  ])("has a type that its clients know: %s", (code, type) => {
    expect([typeOf(code, "messages"), typeOf(code, "countTokens")]).toEqual([type, type]);
  });

  it("has the gateway's own fields as well, whichever it is", () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const body = writeErrorBody({ code }, "request-1", "messages");
      expect(body).toMatchObject({ type: "error", request_id: "request-1", error: { code, param: null } });
    }
  });
});

describe("the status of what is overloaded", () => {
  it("is Anthropic's own under its API, and 503 under all others", () => {
    const statuses = (["messages", "countTokens", "chat", "responses", undefined] as const).map((task) =>
      findStatus({ code: "overloaded" }, task),
    );
    expect(statuses).toEqual([529, 529, 503, 503, 503]);
    expect(findStatus({ code: "not_configured" }, "messages")).toBe(503);
  });
});

describe("the end of a broken stream", () => {
  it("of a response is in the provider's words where the client can act upon them", () => {
    const error = { code: "invalid_request", providerCode: "invalid_prompt", message: "No." } as const;
    const text = writeErrorEvent(error, "r", "responses", 7);
    const [told, failed] = text
      .trimEnd()
      .split("\n\n")
      .map((event) => JSON.parse(event.slice(event.indexOf("{"))) as object);
    const words = { code: "invalid_prompt", message: "No." };
    expect(told).toMatchObject({ type: "error", sequence_number: 7, ...words });
    expect(failed).toMatchObject({ type: "response.failed", sequence_number: 8, response: { error: words } });
  });
});
