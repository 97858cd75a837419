import { describe, expect, it } from "vitest";
import type { Turn } from "../../../worker/domain/resilience/fair-line.ts";
import { createFairLimiter } from "../../../worker/platform/fair-limiter.ts";
import { turns } from "../flow-services.ts";

/** Work that ends when the test says so, in the order in which it was begun. */
function open(limit: number) {
  const limiter = createFairLimiter(limit);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const come = (name: string, turn: Partial<Turn> = {}) =>
    void limiter.of({ tenant: name.slice(0, 1), priority: "normal", ...turn })(async () => {
      begun.push(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.set(name, resolve);
      await promise;
    });
  const end = async (name: string) => {
    ends.get(name)?.();
    await turns();
  };
  return { limiter, begun, come, end };
}

describe("work that takes turns", () => {
  it("is of the tenant that has the least running, in its order", async () => {
    const { limiter, begun, come, end } = open(3);
    for (const name of ["a1", "a2", "a3", "a4", "a5", "b1", "b2", "c1"]) come(name);
    expect([begun, limiter.isFull()]).toEqual([["a1", "a2", "a3"], true]);
    for (const name of ["a1", "a2", "a3", "b1", "c1"]) await end(name);
    expect(begun.slice(3)).toEqual(["b1", "c1", "a4", "b2", "a5"]);
    for (const name of ["a4", "b2", "a5"]) await end(name);
    expect(limiter.isFull()).toBe(false);
  });

  it("is what somebody waits for first, and last what need not be soon", async () => {
    const { begun, come, end } = open(1);
    come("a1");
    come("b1", { priority: "economy" });
    come("c1");
    come("a2", { priority: "interactive" });
    for (const name of ["a1", "a2", "c1", "b1"]) await end(name);
    expect(begun).toEqual(["a1", "a2", "c1", "b1"]);
  });

  it("goes on after work that throws", async () => {
    const limiter = createFairLimiter(1);
    const limit = limiter.of({ tenant: "a", priority: "normal" });
    const failed = limit(() => Promise.reject(new Error("no")));
    const next = limit(() => Promise.resolve("done"));
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("done");
  });
});
