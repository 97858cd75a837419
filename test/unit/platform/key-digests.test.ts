import { expect, it } from "vitest";
import { keyDigests } from "../../../worker/platform/key-digests.ts";

const digest = "d".repeat(64);
const keyOf = (n: number, length: number) => `hr_live_${String(n).padStart(length - 8, "0")}`;

it.each([32, 136])(
  "of keys of %i characters it remembers the last ones, and never more than 1,000",
  (length) => {
    const keys = Array.from({ length: 2000 }, (_, n) => keyOf(n, length));
    for (const key of keys) keyDigests.set(key, digest, digest.length);
    const remembered = keys.filter((key) => keyDigests.get(key) !== undefined);
    expect(remembered.length).toBeLessThanOrEqual(1000);
    expect(remembered.length).toBeGreaterThan(500);
    expect(remembered).toEqual(keys.slice(-remembered.length));
  },
);
