import { describe, expect, it } from "vitest";
import { parseRetryAfter } from "../../../worker/domain/routing/retry-after.ts";

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);

describe("parseRetryAfter", () => {
  it.each([
    ["0", 0],
    ["7", 7000],
    [" 7 ", 7000],
    ["007", 7000],
    ["1.5", 1500],
    ["0.0004", 0],
    ["86400", 86_400_000],
    ["999999999", 999_999_999_000],
  ])("reads %j as seconds", (header, ms) => {
    expect(parseRetryAfter(header, NOW)).toBe(ms);
  });

  it.each([
    ["Thu, 01 Jan 2026 12:00:10 GMT", 10_000],
    ["Thursday, 01-Jan-26 12:01:00 GMT", 60_000],
    ["Fri, 02 Jan 2026 12:00:00 GMT", 86_400_000],
    ["Thu, 01 Jan 2026 12:00:00 GMT", 0],
    ["Wed, 31 Dec 2025 23:59:59 GMT", 0],
  ])("reads %j as a date, a past one as no wait", (header, ms) => {
    expect(parseRetryAfter(header, NOW)).toBe(ms);
  });

  it.each([
    null,
    "",
    " ",
    "soon",
    "soon 5",
    "-1",
    "-0.5",
    "+5",
    "1e3",
    "0x10",
    "9999999999",
    "5,6",
    "5 s",
    "NaN",
    "∞",
  ])("ignores %j", (header) => {
    expect(parseRetryAfter(header, NOW)).toBeUndefined();
  });

  it("leaves a wait beyond any deadline to its caller", () => {
    expect(parseRetryAfter("3600", NOW)).toBe(3_600_000);
  });
});
