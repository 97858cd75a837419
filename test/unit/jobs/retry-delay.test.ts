import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeFailure } from "../../../worker/domain/jobs/job-failure.ts";
import { boundDelayMs, lostRunDelayMs, retryDelayMs } from "../../../worker/domain/jobs/retry-delay.ts";

const DAY = 86_400_000;
const delay = (tries: number, changes: { roll?: number; retryAfterMs?: number; leftMs?: number } = {}) =>
  retryDelayMs({ tries, roll: 1, leftMs: DAY, ...changes });

describe("the delay before a job's next run", () => {
  it("doubles from a second to five minutes", () => {
    expect([1, 2, 3, 8, 9, 10, 1000].map((tries) => delay(tries))).toEqual([
      1000, 2000, 4000, 128_000, 256_000, 300_000, 300_000,
    ]);
  });

  it("is a roll's share of that, and never less than a queue can tell", () => {
    expect([1, 0.5, 0.25, 0.001].map((roll) => delay(4, { roll }))).toEqual([8000, 4000, 2000, 1000]);
  });

  it("is never shorter than the provider asks, and not the same for all that it asks", () => {
    expect(delay(1, { roll: 0.5, retryAfterMs: 3000 })).toBe(3500);
    expect(delay(9, { roll: 0.5, retryAfterMs: 600_000 })).toBe(728_000);
  });

  it("leaves the job the time for a run, however much is asked", () => {
    expect(delay(1, { retryAfterMs: DAY, leftMs: 3_600_000 })).toBe(3_570_000);
    expect(delay(20, { leftMs: 60_000 })).toBe(30_000);
    expect(delay(20, { leftMs: 10_000 })).toBe(5000);
  });

  it("lets a job run until no time is left, and then ends", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 * DAY }),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        (time, roll) => {
          let leftMs = time;
          let tries = 0;
          for (; leftMs > 0; leftMs -= delay(tries, { roll, leftMs })) tries++;
          // Waits of the same share of five minutes, and some before and after.
          expect(tries).toBeLessThan(Math.max(1, time / Math.max(1000, roll * 300_000)) + 40);
          expect(tries).toBeGreaterThanOrEqual(time > 2000 ? 2 : 1);
        },
      ),
    );
  });

  it("is none after one run that was lost, and longer after each that follows", () => {
    expect([1, 2, 3, 9, 10, 99].map((lost) => lostRunDelayMs(lost, DAY))).toEqual([
      0, 2000, 4000, 256_000, 300_000, 300_000,
    ]);
    expect(lostRunDelayMs(99, 60_000)).toBe(30_000);
  });

  it("is as long as it was told where no call was made, with no jitter of its own", () => {
    const error = { code: "overloaded" as const, retryAfterMs: 7000, uncalled: true as const };
    expect(describeFailure(error, { tries: 9, roll: 1, leftMs: DAY })).toMatchObject({
      retryable: true,
      retryAfterMs: 7000,
      postponed: true,
    });
    expect(boundDelayMs(7000, 6000)).toBe(3000);
  });
});
