import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HeldBytes } from "../../../worker/domain/answers/held-bytes.ts";

const LIMIT = 1000;

describe("what an isolate holds", () => {
  it("may be all of one tenant's, as long as it is within the limit", () => {
    const held = new HeldBytes(() => 0, LIMIT);
    const hold = held.open("acme");
    hold.grow(LIMIT);
    expect(hold.isOver).toBe(false);
    hold.grow(1);
    expect(hold.isOver).toBe(true);
    hold.grow(-1);
    expect(hold.isOver).toBe(false);
  });

  it("past the limit is over only for those who hold more than an equal share", () => {
    const held = new HeldBytes(() => 0, LIMIT);
    const [large, small] = [held.open("acme"), held.open("other")];
    large.grow(900);
    small.grow(200);
    expect([large.isOver, small.isOver]).toEqual([true, false]);
    small.grow(400);
    expect(small.isOver).toBe(true);
    large.close();
    expect([small.isOver, held.total]).toEqual([false, 600]);
  });

  it("is let go where it has stood still, and forgotten where it was left", () => {
    let now = 0;
    const held = new HeldBytes(() => now, LIMIT);
    const asked: string[] = [];
    const still = held.open("acme", () => asked.push("still"));
    still.grow(800);
    now = 20_000;
    const busy = held.open("acme", () => asked.push("busy"));
    busy.grow(800);
    now = 31_000;
    expect([busy.isOver, asked]).toEqual([true, ["still"]]);
    now = 901_000;
    busy.grow(1);
    expect([busy.isOver, held.total]).toEqual([false, 801]);
    still.grow(500);
    expect(held.total).toBe(801);
  });

  it("is looked through for what stands still once a second, however often room is asked for", () => {
    let [now, asked] = [0, 0];
    const held = new HeldBytes(() => now, LIMIT);
    held.open("acme", () => asked++).grow(2 * LIMIT);
    const busy = held.open("acme");
    for (now = 31_000; now < 33_000; now++) expect(busy.isOver).toBe(true);
    expect(asked).toBe(2);
  });

  it("is never twice the limit, however many take as much as they may", () => {
    const step = fc.record({ tenant: fc.nat(5), bytes: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const held = new HeldBytes(() => 0, LIMIT);
        const holds = Array.from({ length: 6 }, (_, tenant) => held.open(`tenant ${tenant}`));
        for (const { tenant, bytes } of steps)
          if (holds[tenant] && !holds[tenant].isOver) holds[tenant].grow(bytes);
        expect(held.total).toBeLessThan(2 * LIMIT + 50 * 6);
      }),
    );
  });
});
