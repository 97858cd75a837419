import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineMs, pickNext, pickOut, type Turn } from "../../../worker/domain/resilience/fair-line.ts";

const RANK = { interactive: 0, normal: 1, economy: 2 };
const turn = (name: string, priority: Turn["priority"] = "normal") => ({
  name,
  tenant: name.slice(0, 1),
  priority,
});
const nobody: ReadonlyMap<string, number> = new Map();
const drawn = fc.record({
  tenant: fc.constantFrom("a", "b", "c"),
  priority: fc.constantFrom<Turn["priority"]>("interactive", "normal", "economy"),
});

describe("who is next in a line", () => {
  it("is who hurries most, then whose tenant has least under way, then who came first", () => {
    const line = [turn("a1"), turn("b1"), turn("b2"), turn("c1", "economy")];
    expect(pickNext(line, nobody)?.name).toBe("a1");
    expect(pickNext(line, new Map([["a", 1]]))?.name).toBe("b1");
    expect(pickNext([...line, turn("a9", "interactive")], new Map([["a", 9]]))?.name).toBe("a9");
    expect(pickNext([], nobody)).toBeUndefined();
  });
});

describe("who leaves a full line", () => {
  it("is the latest of the economy, for what is normal or interactive", () => {
    const line = [turn("a1", "economy"), turn("b1", "economy"), turn("c1", "interactive")];
    expect(pickOut(line, turn("d1"))?.name).toBe("b1");
    expect(pickOut(line, turn("d1", "interactive"))?.name).toBe("b1");
  });

  it("is what is normal, for what is interactive; and nobody for what hurries less", () => {
    const line = [turn("a1"), turn("b1", "interactive"), turn("a2")];
    expect(pickOut(line, turn("c1", "interactive"))?.name).toBe("a2");
    expect(pickOut(line, turn("c1", "economy"))).toBeUndefined();
  });

  it("is the latest of the tenant that has most, for one that has at least two fewer", () => {
    const line = [turn("a1"), turn("a2"), turn("a3"), turn("b1")];
    expect(pickOut(line, turn("c1"))?.name).toBe("a3");
    expect(pickOut(line, turn("b2"))?.name).toBe("a3");
    expect(pickOut(line, turn("a4"))).toBeUndefined();
    expect(pickOut([turn("a1"), turn("b1")], turn("c1"))).toBeUndefined();
  });

  it("never hurries more than the newcomer, and is of the lowest priority; whoever has most gives way", () => {
    fc.assert(
      fc.property(fc.array(drawn, { maxLength: 12 }), drawn, (line, newcomer) => {
        const out = pickOut(line, newcomer);
        const lowest = Math.max(...line.map(({ priority }) => RANK[priority]), -1);
        if (lowest > RANK[newcomer.priority]) expect(out && RANK[out.priority]).toBe(lowest);
        if (!out) return;
        expect(RANK[out.priority]).toBeGreaterThanOrEqual(RANK[newcomer.priority]);
        expect(RANK[out.priority]).toBe(lowest);
      }),
    );
  });

  it("is in the end shared equally by tenants that keep coming with the same", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b", "c"), { minLength: 60, maxLength: 200 }), (comers) => {
        let line: Turn[] = [];
        for (const tenant of ["a", "b", "c", ...comers, "a", "b", "c", "a", "b", "c", "a", "b", "c"]) {
          const comer: Turn = { tenant, priority: "normal" };
          if (line.length < 9) line.push(comer);
          else {
            const out = pickOut(line, comer);
            if (out) line = [...line.filter((each) => each !== out), comer];
          }
        }
        const counts = ["a", "b", "c"].map((tenant) => line.filter((each) => each.tenant === tenant).length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("how long a line takes", () => {
  it("is that of those before, so many at once, within a second and five minutes", () => {
    expect(lineMs({ waiting: 9, limit: 2, callMs: 4000 })).toBe(20_000);
    expect(lineMs({ waiting: 0, limit: 50, callMs: 300 })).toBe(1000);
    expect(lineMs({ waiting: 1000, limit: 1, callMs: 60_000 })).toBe(300_000);
  });
});
