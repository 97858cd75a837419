import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { webhookDelayMs } from "../../../worker/domain/webhooks/webhook-schedule.ts";

const HOUR = 3_600_000;
const roll = fc.double({ min: Number.EPSILON, max: 1, noNaN: true });
const attempts = [1, 2, 3, 4, 5, 6, 7] as const;

describe("webhookDelayMs", () => {
  it("tries again after seconds, then minutes, then hours, for about a day", () => {
    const delays = attempts.map((attempt) => webhookDelayMs(attempt, 0.5) ?? NaN);
    expect(delays.map((delay) => delay / 60_000)).toEqual([5 / 60, 5, 30, 120, 300, 480, 480]);
    const total = delays.reduce((sum, delay) => sum + delay, 0);
    expect(total / HOUR).toBeCloseTo(23.6, 1);
  });

  it("gives up after the eighth delivery, whatever the receiver asks for", () => {
    expect([webhookDelayMs(8, 0.5), webhookDelayMs(9, 1, HOUR), webhookDelayMs(1000, 1)]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it("moves each wait by a fifth at most, either way", () => {
    fc.assert(
      fc.property(fc.constantFrom(...attempts), roll, (attempt, drawn) => {
        const delay = webhookDelayMs(attempt, drawn) ?? NaN;
        const middle = webhookDelayMs(attempt, 0.5) ?? NaN;
        return delay >= middle * 0.8 && delay <= middle * 1.2;
      }),
    );
    expect([webhookDelayMs(1, 0), webhookDelayMs(1, 1)]).toEqual([4000, 6000]);
  });

  it("waits as long as the receiver asks where that is longer, up to twelve hours", () => {
    expect(webhookDelayMs(1, 0.5, 60_000)).toBe(60_000);
    expect(webhookDelayMs(2, 0.5, 60_000)).toBe(300_000);
    expect(webhookDelayMs(1, 0.5, 48 * HOUR)).toBe(12 * HOUR);
  });
});
