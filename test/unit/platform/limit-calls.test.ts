import { describe, expect, it } from "vitest";
import { ok } from "../../../worker/domain/result.ts";
import type { ProviderCall } from "../../../worker/platform/call-provider.ts";
import { limitCalls } from "../../../worker/platform/limit-calls.ts";

const call = (url: string): ProviderCall => ({
  request: { url, headers: {}, body: "" },
  limits: { quietMs: 1000, deadlineAt: Infinity },
  signal: new AbortController().signal,
  form: "json",
  secrets: [],
});

describe("limitCalls", () => {
  it("lets a number go at once, and the others in their order as places come free", async () => {
    const open: { url: string; end: () => void; fail: () => void }[] = [];
    const limited = limitCalls(({ request: { url } }) => {
      const { promise, resolve, reject } = Promise.withResolvers<ReturnType<typeof answer>>();
      open.push({ url, end: () => resolve(answer()), fail: () => reject(new Error("broken")) });
      return promise;
    }, 2);
    const calls = ["a", "b", "c", "d", "e"].map((url) => limited(call(url)).catch(() => "failed"));
    const started = () => open.map(({ url }) => url).join("");
    expect(started()).toBe("ab");
    open[1]?.end();
    await calls[1];
    expect(started()).toBe("abc");
    open[0]?.fail();
    await calls[0];
    expect(started()).toBe("abcd");
    open[2]?.end();
    open[3]?.end();
    await Promise.all([calls[2], calls[3]]);
    expect(started()).toBe("abcde");
    open[4]?.end();
    await Promise.all(calls);
    void limited(call("f"));
    void limited(call("g"));
    void limited(call("h"));
    expect(started()).toBe("abcdefg");
  });
});

const answer = () => ok({ form: "json" as const, text: "{}" });
