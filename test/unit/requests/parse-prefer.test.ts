import { describe, expect, it } from "vitest";
import { parsePrefer, writeApplied } from "../../../worker/domain/requests/parse-prefer.ts";

describe("parsePrefer", () => {
  it.each([
    [null, false, undefined],
    ["", false, undefined],
    ["respond-async", true, undefined],
    ["Respond-Async", true, undefined],
    ["respond-async, wait=20", true, 20_000],
    ["wait=20,respond-async", true, 20_000],
    ["wait = 5", false, 5000],
    ['wait="5"', false, 5000],
    ["wait=0", false, 0],
    ["wait=60", false, 60_000],
    ["wait=61", false, 60_000],
    ["wait=999999999", false, 60_000],
    ["wait=5, wait=10", false, 5000],
    ["wait=-1", false, undefined],
    ["wait=1.5", false, undefined],
    ["wait=soon", false, undefined],
    ["wait", false, undefined],
    ["return=minimal; foo=bar, respond-async; x=1", true, undefined],
    ["handling=lenient", false, undefined],
    ["not-respond-async", false, undefined],
  ])("reads %j", (header, respondAsync, waitMs) => {
    expect(parsePrefer(header)).toEqual({ respondAsync, waitMs, hold: false });
  });

  it.each(["hold", "Hold", "wait=5, hold", "respond-async,hold; x=1"])("reads %j", (header) => {
    expect(parsePrefer(header).hold).toBe(true);
  });

  it.each(["holding", "on-hold", "wait=hold"])("reads no more into %j", (header) => {
    expect(parsePrefer(header).hold).toBe(false);
  });
});

describe("writeApplied", () => {
  it("says what was heeded, and nothing of what was not", () => {
    const applied = (header: string) => writeApplied(parsePrefer(header));
    expect(applied("respond-async, wait=90")).toBe("respond-async, wait=60");
    expect(applied("respond-async, handling=lenient")).toBe("respond-async");
    expect(applied("wait=5")).toBe("wait=5");
    expect(applied("handling=lenient")).toBeUndefined();
  });
});
