import { describe, expect, it } from "vitest";
import { buildErrorBody, type ErrorCode, ERRORS } from "../../../worker/contract/errors.ts";

const rows = Object.entries(ERRORS) as [ErrorCode, (typeof ERRORS)[ErrorCode]][];

describe("the table of errors", () => {
  it.each(rows)("%s has a 4xx or 5xx status, and words of its own", (_, row) => {
    expect(row.status).toBeGreaterThanOrEqual(400);
    expect(row.status).toBeLessThan(600);
    expect(row.message).toMatch(/^[A-Z].*\.$/);
  });

  it.each(rows)("%s blames the client for 4xx only", (code, row) => {
    const blamesClient = row.type !== "api_error";
    expect(blamesClient).toBe(row.status < 499);
    if (blamesClient) expect(row.retryable).toBe(["rate_limited", "request_timeout"].includes(code));
  });
});

describe("buildErrorBody", () => {
  it("has OpenAI's shape, with what the client may do about it", () => {
    const error = { code: "invalid_request", message: "model: missing", param: "model" } as const;
    expect(buildErrorBody(error, "req-1")).toEqual({
      error: {
        message: "model: missing",
        type: "invalid_request_error",
        code: "invalid_request",
        param: "model",
        request_id: "req-1",
        retryable: false,
      },
    });
  });

  it("falls back on the table's words", () => {
    expect(buildErrorBody({ code: "upstream_timeout" }, "req-1").error).toMatchObject({
      message: ERRORS.upstream_timeout.message,
      param: null,
      retryable: true,
    });
  });

  it("never tells the reason", () => {
    const body = buildErrorBody({ code: "upstream_error", reason: "connect 10.0.0.5:8000" }, "req-1");
    expect(JSON.stringify(body)).not.toContain("10.0.0.5");
  });
});
