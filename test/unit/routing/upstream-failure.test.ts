import { describe, expect, it } from "vitest";
import { ERRORS, type ErrorCode } from "../../../worker/contract/errors.ts";
import {
  failure,
  failureOfStatus,
  summariseFailures,
  type UpstreamFailure,
} from "../../../worker/domain/routing/upstream-failure.ts";

const WORDS = "the provider's own words";

describe("failureOfStatus on what the client caused", () => {
  it.each<[number, ErrorCode]>([
    [400, "invalid_request"],
    [404, "model_not_found"],
    [413, "payload_too_large"],
    [422, "model_input_invalid"],
  ])("passes %i on as %s, in the provider's words, and tries no other target", (status, code) => {
    const { error, tryNext } = failureOfStatus(status, WORDS, undefined);
    expect(tryNext).toBe(false);
    expect(error).toMatchObject({ code, message: WORDS });
    expect(ERRORS[code].status).toBe(status);
  });

  it("leaves the words to the table where the provider had none", () => {
    expect(failureOfStatus(400, undefined, undefined).error).toEqual({
      code: "invalid_request",
      reason: "status 400",
    });
  });
});

describe("failureOfStatus on what the client did not cause", () => {
  it.each<[number, ErrorCode]>([
    [301, "upstream_error"],
    [307, "upstream_error"],
    [401, "upstream_error"],
    [402, "upstream_error"],
    [403, "upstream_error"],
    [405, "upstream_error"],
    [408, "upstream_timeout"],
    [409, "upstream_error"],
    [418, "upstream_error"],
    [424, "upstream_error"],
    [429, "rate_limited"],
    [500, "upstream_error"],
    [502, "upstream_error"],
    [503, "upstream_error"],
    [504, "upstream_timeout"],
    [529, "upstream_error"],
  ])("tries the next target after %i, and calls it %s", (status, code) => {
    const { error, tryNext } = failureOfStatus(status, WORDS, undefined);
    expect(tryNext).toBe(true);
    expect(error.code).toBe(code);
    expect(ERRORS[code].retryable).toBe(true);
  });

  it.each([401, 402, 403, 429, 500, 503, 504])("keeps the words of a %i for the logs", (status) => {
    const { error } = failureOfStatus(status, WORDS, undefined);
    expect(error).not.toHaveProperty("message");
    expect(error.reason).toBe(`status ${status}: ${WORDS}`);
  });

  it("never answers a client with the provider's refusal of the gateway's key", () => {
    const statuses = [401, 402, 403].map((status) => failureOfStatus(status, undefined, undefined));
    expect(statuses.map(({ error }) => ERRORS[error.code].status)).toEqual([502, 502, 502]);
  });

  it.each([429, 500, 503])("passes on how long to wait after a %i", (status) => {
    expect(failureOfStatus(status, undefined, 2500).error.retryAfterMs).toBe(2500);
    expect(failureOfStatus(status, undefined, undefined).error).not.toHaveProperty("retryAfterMs");
  });
});

const throttled = (retryAfterMs?: number) => failureOfStatus(429, undefined, retryAfterMs);
const broken = failure("upstream_error", "reset");

describe("summariseFailures", () => {
  it("passes a single failure on as it is", () => {
    expect(summariseFailures([throttled(1000)])).toEqual(throttled(1000).error);
    expect(summariseFailures([broken])).toEqual({ code: "upstream_error", reason: "reset" });
  });

  it.each<[string, UpstreamFailure[], ErrorCode]>([
    ["throttled everywhere is still throttled", [throttled(), throttled()], "rate_limited"],
    ["throttled here and broken there is all failed", [throttled(), broken], "all_targets_failed"],
    ["broken everywhere is all failed", [broken, broken], "all_targets_failed"],
    ["no target at all is all failed", [], "all_targets_failed"],
  ])("%s", (_, failures, code) => {
    expect(summariseFailures(failures).code).toBe(code);
  });

  it("asks to wait for whichever target is ready first", () => {
    expect(summariseFailures([throttled(9000), throttled(2000), broken]).retryAfterMs).toBe(2000);
    expect(summariseFailures([broken, broken])).not.toHaveProperty("retryAfterMs");
  });

  it("gathers the reasons for the logs, and tells the client none of them", () => {
    const summary = summariseFailures([throttled(), broken]);
    expect(summary.reason).toBe("status 429; reset");
    expect(summary).not.toHaveProperty("message");
  });
});
