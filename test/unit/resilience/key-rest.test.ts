import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isOver,
  isResting,
  judgeKey,
  type KeyRest,
  probeKey,
  restKey,
} from "../../../worker/domain/resilience/key-rest.ts";
import { failureOfRefusal, type Refused } from "../../../worker/domain/routing/upstream-failure.ts";

const T = 1_000_000;
const HOUR_MS = 3_600_000;
const judge = (refused: Refused) => judgeKey({ ...failureOfRefusal(refused), status: refused.status });
const refused = { why: "refused", retryAfterMs: undefined } as const;
const limited = (retryAfterMs?: number) => ({ why: "limited", retryAfterMs }) as const;
const at = (time: number) => ({ startedAt: time, endedAt: time });

describe("whose fault a failure is", () => {
  it.each<[string, Refused, ReturnType<typeof judgeKey>]>([
    ["a key that is not known", { status: 401 }, { ...refused, of: "key" }],
    ["an account without credit", { status: 402 }, { ...refused, of: "key" }],
    ["what the key may not do, with this model perhaps", { status: 403 }, { ...refused, of: "model" }],
    ["a rate limit", { status: 429 }, { ...limited(), of: "model" }],
    ["one that tells when", { status: 429, retryAfterMs: 20 }, { ...limited(20), of: "model" }],
    [
      "OpenAI's quota that is used up, which comes as 429",
      { status: 429, words: { code: "insufficient_quota", message: "You exceeded your current quota" } },
      { ...refused, of: "key" },
    ],
    [
      "Google's wrong key, which comes as 400",
      { status: 400, words: { message: "API key not valid. Please pass a valid API key." } },
      { ...refused, of: "key" },
    ],
    [
      "Anthropic's empty account, which comes as 400",
      { status: 400, words: { message: "Your credit balance is too low to access the API" } },
      { ...refused, of: "key" },
    ],
    ["the client's own", { status: 400, words: { message: "messages: required" } }, undefined],
    ["too long a prompt", { status: 400, words: { code: "context_length_exceeded" } }, undefined],
    ["a model that is not there", { status: 404 }, undefined],
    ["a provider's", { status: 500 }, undefined],
    ["a provider at its limit, whatever the key", { status: 529 }, undefined],
  ])("%s", (_, reply, fault) => {
    expect(judge(reply)).toEqual(fault);
  });
});

describe("a key's rest", () => {
  const refuseTimes = (times: number) => {
    let rest: KeyRest | undefined;
    for (let count = 0; count < times; count++) rest = restKey(rest, refused, at(rest?.until ?? T));
    if (!rest) throw new Error("never refused");
    return rest;
  };

  it("is longer after each refusal, and never for good", () => {
    const lengths = [1, 2, 3, 9, 10, 50].map((times) => {
      const { since, until } = refuseTimes(times);
      return until - since;
    });
    expect(lengths).toEqual([10_000, 20_000, 40_000, 2_560_000, HOUR_MS, HOUR_MS]);
  });

  it("is as long as the provider says, within a second and an hour", () => {
    const lengthOf = (retryAfterMs: number) => restKey(undefined, limited(retryAfterMs), at(T)).until - T;
    expect([0, 20_000, 7 * 24 * HOUR_MS].map(lengthOf)).toEqual([1000, 20_000, HOUR_MS]);
    // A key that is at its limit all day long is told its wait each time: that does not grow.
    const again = restKey(restKey(undefined, limited(2000), at(T)), limited(2000), at(T + 2000));
    expect(again.until).toBe(T + 4000);
  });

  it("grows where the provider says nothing of a limit, which may be of the day", () => {
    const first = restKey(undefined, limited(), at(T));
    const second = restKey(first, limited(), at(first.until));
    expect([first.until - T, second.until - first.until]).toEqual([5000, 10_000]);
  });

  it("does not grow by calls that were under way when it began", () => {
    const first = restKey(undefined, refused, { startedAt: T, endedAt: T + 10 });
    expect(restKey(first, refused, { startedAt: T + 5, endedAt: T + 500 })).toBe(first);
  });

  it("is not ended by an answer to a call that began before it", () => {
    const rest = restKey(undefined, refused, { startedAt: T, endedAt: T + 10 });
    expect([isOver(rest, { startedAt: T + 9 }), isOver(rest, { startedAt: T + 10 })]).toEqual([false, true]);
  });

  it("is over for one call at first, where it was refused; for all, where it was at its limit", () => {
    const rest = restKey(undefined, refused, at(T));
    expect(isResting(rest, rest.until)).toBe(false);
    const probed = probeKey(rest, rest.until);
    expect([isResting(probed, rest.until), isResting(probed, rest.until + 10_000)]).toEqual([true, false]);
    const atLimit = restKey(undefined, limited(1000), at(T));
    expect(isResting(probeKey(atLimit, atLimit.until), atLimit.until)).toBe(false);
  });

  it("whatever is heard ends within an hour of the latest failure, and never before it", () => {
    const heard = fc.record({
      why: fc.constantFrom("refused" as const, "limited" as const),
      retryAfterMs: fc.option(fc.integer({ min: 0, max: 10 * HOUR_MS }), { nil: undefined }),
      gapMs: fc.integer({ min: 0, max: 2 * HOUR_MS }),
    });
    fc.assert(
      fc.property(fc.array(heard, { minLength: 1, maxLength: 40 }), (all) => {
        let now = T;
        let rest: KeyRest | undefined;
        for (const { gapMs, ...fault } of all) {
          now += gapMs;
          rest = restKey(rest, fault, at(now));
          expect(rest.until - now).toBeGreaterThanOrEqual(1000);
          expect(rest.until - now).toBeLessThanOrEqual(HOUR_MS);
        }
      }),
    );
  });
});
