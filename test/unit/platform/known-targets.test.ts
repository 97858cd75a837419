import { describe, expect, it } from "vitest";
import { KnownTargets } from "../../../worker/platform/known-targets.ts";

const target = (model: string, provider = "one") => ({ provider, model });

describe("known targets", () => {
  it("are known by their provider and model, until they are forgotten", () => {
    const known = new KnownTargets();
    known.add(target("a"));
    expect([target("a"), target("b"), target("a", "two")].map((each) => known.has(each))).toEqual([
      true,
      false,
      false,
    ]);
    known.delete(target("a"));
    expect(known.has(target("a"))).toBe(false);
  });

  it("are at most a thousand, the latest", () => {
    const known = new KnownTargets();
    for (let at = 0; at < 1500; at++) known.add(target(`m${at}`));
    const left = Array.from({ length: 1500 }, (_, at) => at).filter((at) => known.has(target(`m${at}`)));
    expect([left.length, left[0], left.at(-1)]).toEqual([1000, 500, 1499]);
  });
});
