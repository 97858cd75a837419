import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ERRORS, type ErrorCode, type GatewayError } from "../../../worker/contract/errors.ts";
import { type FailedAttempt, repeatDelayMs } from "../../../worker/domain/resilience/repeat-delay.ts";
import { failureOfRefusal, type UpstreamFailure } from "../../../worker/domain/routing/upstream-failure.ts";

const attempt = (failure: UpstreamFailure, more: Partial<FailedAttempt> = {}) =>
  repeatDelayMs({
    failure,
    tries: 1,
    most: 3,
    hasNext: true,
    onUnknownOutcome: "repeat",
    leftMs: 60_000,
    roll: 1,
    ...more,
  });

const refused = (status: number, retryAfterMs?: number): UpstreamFailure => ({
  ...failureOfRefusal({ status, retryAfterMs }),
  status,
});
const failed = (code: ErrorCode, more: Partial<GatewayError> = {}): UpstreamFailure => ({
  error: { code, ...more },
  tryNext: true,
});

describe("whether a target is asked again, and when", () => {
  it.each([
    ["500", refused(500), 100],
    ["502", refused(502), 100],
    ["503", refused(503), 100],
    ["503 that asks for a second", refused(503, 1000), 1100],
    ["429 that asks for a second", refused(429, 1000), 1500],
    ["429 that asks for none", refused(429, 0), 500],
    ["a connection that broke", failed("upstream_error"), 100],
  ])("after %s", (_, failure, delayMs) => {
    expect(attempt(failure)).toBe(delayMs);
  });

  it.each([
    ["429 that says nothing, where there is another target", refused(429)],
    ["429 that asks for a longer wait", refused(429, 2001)],
    ["503 that asks for a longer wait", refused(503, 30_000)],
    ["529, where there is another target", refused(529)],
    ["a time-out", failed("upstream_timeout")],
    ["408", refused(408)],
    ["504", refused(504)],
    ["an answer that could not be read", failed("upstream_invalid_response")],
    ["the request's own deadline", failed("deadline_exceeded")],
    ["400", refused(400)],
    ["401", refused(401)],
    ["402", refused(402)],
    ["403", refused(403)],
    ["404", refused(404)],
    ["409", refused(409)],
    ["413", refused(413)],
    ["422", refused(422)],
    ["what was billed", { ...refused(500), spent: { usage: null, costUsd: 0.1 } }],
    ["a target that was not called", failed("overloaded", { uncalled: true, retryAfterMs: 10 })],
  ])("not after %s", (_, failure) => {
    expect(attempt(failure)).toBeUndefined();
  });

  it.each([
    ["429", refused(429)],
    ["529", refused(529)],
  ])("after %s without a wait, where there is no other target", (_, failure) => {
    expect(attempt(failure, { hasNext: false })).toBe(500);
  });

  it("not after a connection that broke, where the route never repeats what may have been answered", () => {
    expect(attempt(failed("upstream_error"), { onUnknownOutcome: "fail" })).toBeUndefined();
    expect(attempt(refused(500), { onUnknownOutcome: "fail" })).toBe(100);
  });

  it("doubles with each attempt, up to the most of them", () => {
    const delays = [1, 2, 3].map((tries) => attempt(refused(500), { tries }));
    expect(delays).toEqual([100, 200, undefined]);
    expect(attempt(refused(500), { most: 1 })).toBeUndefined();
  });

  it("never waits past the deadline, and never more than is allowed, whatever failed", () => {
    const anyFailure = fc.record({
      code: fc.constantFrom(...(Object.keys(ERRORS) as ErrorCode[])),
      retryAfterMs: fc.option(fc.nat(100_000), { nil: undefined }),
      status: fc.option(fc.integer({ min: 400, max: 599 }), { nil: undefined }),
      tryNext: fc.boolean(),
    });
    const law = fc.property(
      anyFailure,
      fc.record({
        tries: fc.integer({ min: 1, max: 6 }),
        hasNext: fc.boolean(),
        leftMs: fc.integer({ min: -1000, max: 100_000 }),
        roll: fc.double({ min: 0.001, max: 1, noNaN: true }),
      }),
      ({ code, retryAfterMs, status, tryNext }, more) => {
        const error = { code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
        const failure = { error, tryNext, ...(status === undefined ? {} : { status }) };
        const delayMs = attempt(failure, { ...more, most: 5 });
        if (delayMs === undefined) return;
        expect(tryNext && more.tries < 5).toBe(true);
        expect(delayMs).toBeGreaterThan(retryAfterMs ?? 0);
        expect(delayMs).toBeLessThan(more.leftMs);
        expect(delayMs).toBeLessThanOrEqual(2000 + 500 * 2 ** 4);
      },
    );
    fc.assert(law, { numRuns: 500 });
  });
});
