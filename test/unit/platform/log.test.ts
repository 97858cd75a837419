import { afterEach, describe, expect, it, vi } from "vitest";
import { consoleLog } from "../../../worker/platform/log.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("consoleLog", () => {
  it("writes one JSON object a line", () => {
    const written = vi.spyOn(console, "log").mockImplementation(() => {});
    consoleLog.info("used", { tenant: "a\nb", costUsd: 0.5 });
    expect(written.mock.calls).toEqual([['{"event":"used","tenant":"a\\nb","costUsd":0.5}']]);
  });

  it("tells of an error its name and message, and no stack", () => {
    const written = vi.spyOn(console, "warn").mockImplementation(() => {});
    consoleLog.warn("failed", { error: new TypeError("bad") });
    expect(written.mock.calls).toEqual([['{"event":"failed","error":"TypeError: bad"}']]);
  });
});
