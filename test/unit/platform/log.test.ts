import { afterEach, describe, expect, it, vi } from "vitest";
import { hideSecrets, learnSecrets } from "../../../worker/platform/known-secrets.ts";
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

  it("leaves out what a SyntaxError quotes, and cuts what others say", () => {
    const written = vi.spyOn(console, "warn").mockImplementation(() => {});
    const quoting = Promise.try(() => JSON.parse("my medical history") as unknown);
    return quoting.catch((error: unknown) => {
      consoleLog.warn("failed", { error });
      consoleLog.warn("failed", { error: new Error("x".repeat(5000)) });
      expect(written.mock.calls[0]).toEqual(['{"event":"failed","error":"SyntaxError"}']);
      expect(String(written.mock.calls[1]).length).toBeLessThan(400);
    });
  });

  it("writes none of the deployment's secrets, however they are spelled", () => {
    const written = vi.spyOn(console, "warn").mockImplementation(() => {});
    learnSecrets(['pass"word/one', "pass", "abc"]);
    const error = new Error('no pass"word/one, nor pass');
    consoleLog.warn("failed", {
      url: `https://x.example/?key=${encodeURIComponent('pass"word/one')}`,
      error,
    });
    expect(String(written.mock.calls[0])).toBe(
      '{"event":"failed","url":"https://x.example/?key=[redacted]","error":"Error: no [redacted], nor [redacted]"}',
    );
    // Three letters could stand anywhere.
    expect(hideSecrets("abc")).toBe("abc");
  });
});
