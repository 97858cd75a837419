import { describe, expect, it } from "vitest";
import { isOriginAllowed } from "../../../worker/domain/config/cors.ts";

const allowed = ["https://app.example", "http://localhost:*"];

describe("isOriginAllowed", () => {
  it.each(["https://app.example", "http://localhost", "http://localhost:3000", "http://localhost:65535"])(
    "allows %s",
    (origin) => {
      expect(isOriginAllowed(origin, allowed)).toBe(true);
    },
  );

  it.each([
    "http://app.example",
    "https://app.example:8443",
    "https://app.example.evil.example",
    "https://evil.example/https://app.example",
    "https://sub.app.example",
    "HTTPS://APP.EXAMPLE",
    "https://localhost:3000",
    "http://localhost.evil.example",
    "http://localhost:3000.evil.example",
    "http://localhost:3000@evil.example",
    "http://localhost:",
    "http://localhost:123456",
    "null",
    "",
  ])("denies %j", (origin) => {
    expect(isOriginAllowed(origin, allowed)).toBe(false);
  });

  it("allows any origin under *, and none where none is listed", () => {
    expect(isOriginAllowed("https://anyone.example", ["*"])).toBe(true);
    expect(isOriginAllowed("https://anyone.example", [])).toBe(false);
  });

  it("does not take a star inside an origin for a pattern", () => {
    expect(isOriginAllowed("https://a.example", ["https://*.example"])).toBe(false);
  });
});
