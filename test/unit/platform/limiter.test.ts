import { describe, expect, it } from "vitest";
import { createLimiter } from "../../../worker/platform/limiter.ts";

describe("a limiter", () => {
  it("runs so many at once, and the others in their order as these end", async () => {
    const open: { name: string; end: () => void; fail: () => void }[] = [];
    const limit = createLimiter(2);
    const start = (name: string) =>
      limit(() => {
        const { promise, resolve, reject } = Promise.withResolvers<string>();
        open.push({ name, end: () => resolve(name), fail: () => reject(new Error("broken")) });
        return promise;
      }).catch(() => "failed");
    const works = ["a", "b", "c", "d", "e"].map(start);
    const started = () => open.map(({ name }) => name).join("");
    expect(started()).toBe("ab");
    open[1]?.end();
    await works[1];
    expect(started()).toBe("abc");
    open[0]?.fail();
    await works[0];
    expect(started()).toBe("abcd");
    open[2]?.end();
    open[3]?.end();
    await Promise.all([works[2], works[3]]);
    expect(started()).toBe("abcde");
    open[4]?.end();
    expect(await Promise.all(works)).toEqual(["failed", "b", "c", "d", "e"]);
    for (const name of ["f", "g", "h"]) void start(name);
    expect(started()).toBe("abcdefg");
  });
});
