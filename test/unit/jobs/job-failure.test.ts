import { describe, expect, it } from "vitest";
import { ERRORS } from "../../../worker/contract/errors.ts";
import { jobErrorSchema } from "../../../worker/contract/jobs/job-error.ts";
import { fromJobError, toJobError } from "../../../worker/domain/jobs/job-failure.ts";

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
