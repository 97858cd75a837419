import { describe, expect, it } from "vitest";
import { ERRORS, type ErrorCode } from "../../../worker/contract/errors.ts";
import { jobErrorSchema } from "../../../worker/contract/jobs/job-error.ts";
import { fromJobError, retryDelayMs, toJobError } from "../../../worker/domain/jobs/job-failure.ts";

describe("a call's failure in a job", () => {
  it("is told in public words only", () => {
    const error = { code: "upstream_error" as const, reason: "status 500: sk-secret" };
    expect(toJobError(error)).toEqual({ code: "upstream_error", message: ERRORS.upstream_error.message });
    expect(toJobError({ ...error, message: "x".repeat(3000) }).message).toHaveLength(2000);
  });

  it("comes back as it was to those who wait, and every end of a job has a row of the table", () => {
    for (const code of jobErrorSchema.def.shape.code.options) {
      const told = fromJobError({ code, message: "It failed." });
      expect(ERRORS[told.code]).toBeDefined();
      expect(told.message).toBe("It failed.");
      if (Object.hasOwn(ERRORS, code)) expect(told.code).toBe(code);
    }
    expect(fromJobError({ code: "attempts_exhausted", message: "" }).code).toBe("all_targets_failed");
  });
});

describe("the delay before a job's next run", () => {
  const delay = (code: ErrorCode, run: number, roll = 1, retryAfterMs?: number) =>
    retryDelayMs({ code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }, run, roll);

  it("doubles to twenty seconds, from further up where the provider limits", () => {
    expect([1, 2, 3, 8, 9, 1000].map((run) => delay("upstream_error", run))).toEqual([
      100, 200, 400, 12_800, 20_000, 20_000,
    ]);
    expect([1, 2].map((run) => delay("rate_limited", run))).toEqual([500, 1000]);
  });

  it("is a roll's share of that", () => {
    expect(delay("upstream_error", 4, 0.25)).toBe(200);
  });

  it("is never shorter than the provider asks, and not the same for all that it asks", () => {
    expect(delay("rate_limited", 1, 0.5, 3000)).toBe(3250);
    expect(delay("rate_limited", 1, 1, 3000)).toBe(3500);
  });
});
