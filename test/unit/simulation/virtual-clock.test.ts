import { describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { VirtualClock } from "../../../scripts/simulation/virtual-clock.ts";

describe("a virtual clock", () => {
  it("does what is due in the order of time, and of asking where the time is the same", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (times) => {
        const clock = new VirtualClock();
        const done: (readonly [time: number, order: number])[] = [];
        for (const [order, time] of times.entries()) {
          clock.at(time, () => {
            expect(clock.now).toBe(time);
            done.push([time, order]);
          });
        }
        clock.run();
        expect(done).toEqual(done.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
        expect(done).toHaveLength(times.length);
      }),
    );
  });

  it("never goes back: what is asked for in the past happens now", () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    clock.at(10, () => clock.at(5, () => seen.push(clock.now)));
    clock.at(12, () => seen.push(clock.now));
    clock.run();
    expect(seen).toEqual([10, 12]);
  });
});
