import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteBoundedMap } from "../../../worker/platform/byte-bounded-map.ts";

/** A value of so many bytes in all, for a key of one character. */
const OVERHEAD = 200 + 2;
const filling = (bytes: number) => bytes - OVERHEAD;

/** Room for exactly eight items of 1000 bytes under keys of one character. */
function mapOfEight(): ByteBoundedMap<string> {
  const map = new ByteBoundedMap<string>(8000);
  for (const key of "abcdefgh") map.set(key, key, filling(1000));
  return map;
}
const keptOf = (map: ByteBoundedMap<string>, keys: string) =>
  keys.split("").filter((key) => map.get(key) === key);

describe("ByteBoundedMap", () => {
  it("keeps what fits", () => {
    const map = mapOfEight();
    expect(keptOf(map, "abcdefgh")).toHaveLength(8);
    expect(map.sizeBytes).toBe(8000);
  });

  it("drops the one set longest ago first, and no more than it must", () => {
    const map = mapOfEight();
    map.set("i", "i", filling(1000));
    expect(keptOf(map, "abcdefghi")).toEqual("bcdefghi".split(""));
  });

  it("drops as many as a larger item needs", () => {
    const map = new ByteBoundedMap<string>(8000);
    for (const key of "abcdefghijklmnop") map.set(key, key, filling(500));
    map.set("z", "z", filling(1000));
    expect(keptOf(map, "abcdefghijklmnopz")).toEqual("cdefghijklmnopz".split(""));
  });

  it("keeps what was read lately", () => {
    const map = mapOfEight();
    map.get("a");
    map.set("i", "i", filling(1000));
    expect(keptOf(map, "ab")).toEqual(["a"]);
  });

  it("spares what was set again, and counts it once", () => {
    const map = mapOfEight();
    map.set("a", "again", filling(1000));
    expect(map.sizeBytes).toBe(8000);
    map.set("i", "i", filling(1000));
    expect(map.get("a")).toBe("again");
    expect(map.get("b")).toBeUndefined();
  });

  it("refuses an item larger than an eighth, and disturbs nothing for it", () => {
    const map = mapOfEight();
    map.set("i", "i", filling(1001));
    expect(map.get("i")).toBeUndefined();
    expect(keptOf(map, "abcdefgh")).toHaveLength(8);
  });

  it("forgets the old value where the new one is too large to keep", () => {
    const map = mapOfEight();
    map.set("a", "large", filling(5000));
    expect(map.get("a")).toBeUndefined();
    expect(map.sizeBytes).toBe(7000);
  });

  it("deletes, also what is not there", () => {
    const map = mapOfEight();
    map.delete("a");
    map.delete("a");
    map.delete("nothing");
    expect(map.sizeBytes).toBe(7000);
    expect(map.get("a")).toBeUndefined();
  });
});

describe("ByteBoundedMap's bound", () => {
  it("counts what long keys take", () => {
    const map = new ByteBoundedMap<string>(8000);
    map.set("k".repeat(500), "v", 0);
    expect(map.get("k".repeat(500))).toBeUndefined();
  });

  it("holds under 100,000 distinct keys of random size", () => {
    const maxBytes = 1_000_000;
    const map = new ByteBoundedMap<number>(maxBytes);
    const [sizes] = fc.sample(fc.infiniteStream(fc.nat(maxBytes / 8 + 1000)), { numRuns: 1, seed: 7 });
    let largest = 0;
    for (let key = 0; key < 100_000; key++) {
      // Most are small, some are near the limit of one item, some are past it.
      const size: number = sizes?.next().value ?? 0;
      map.set(`key ${key}`, key, key % 10 === 0 ? size : size % 500);
      largest = Math.max(largest, map.sizeBytes);
    }
    expect(largest).toBeLessThanOrEqual(maxBytes);
    expect(largest).toBeGreaterThan(maxBytes * 0.8);
  });

  it("never counts wrong, whatever is done in whatever order", () => {
    const keys = fc.constantFrom("a", "b", "c", "d");
    const sets = fc.record({ key: keys, bytes: fc.nat(1200) });
    const steps = fc.array(fc.oneof(sets, fc.record({ key: keys, bytes: fc.constant(undefined) })));
    const counts = fc.property(steps, (list) => {
      const map = new ByteBoundedMap<number>(8000);
      for (const { key, bytes } of list) {
        if (bytes === undefined) map.delete(key);
        else map.set(key, bytes, bytes);
      }
      const kept = ["a", "b", "c", "d"].flatMap((key) => map.get(key) ?? []);
      expect(map.sizeBytes).toBe(kept.reduce((sum, bytes) => sum + bytes + OVERHEAD, 0));
    });
    fc.assert(counts);
  });
});
