import { describe, expect, it } from "vitest";
import { API_KEY, apiKeyRecord } from "../../../worker/contract/api-key.ts";

const body = "abcdefghijklmnopqrstuvwx";

describe("an API key", () => {
  it.each([`hr_live_${body}`, `hr_test_${body}`, `hr_live_${"A-_9".repeat(32)}`])("may be %s", (key) => {
    expect(API_KEY.test(key)).toBe(true);
  });

  it.each([
    "",
    `hr_prod_${body}`,
    `hr_live_${body.slice(1)}`,
    `hr_live_${body} `,
    `hr_live_${body}\n`,
    `hr_live_${"a".repeat(129)}`,
    `xhr_live_${body}`,
    `hr_live_${body}é`,
  ])("may not be %j", (key) => {
    expect(API_KEY.test(key)).toBe(false);
  });
});

describe("the record of a key", () => {
  const record = { tenant: "acme", name: "the shop's server", createdAt: "2026-01-01T00:00:00Z" };

  it("names the tenant and nothing it does not know", () => {
    expect(apiKeyRecord.parse({ ...record, admin: true })).toEqual(record);
  });

  it.each(["", "-acme", "a b", "a/b", "a:b", "é", "a".repeat(65)])("has no tenant %j", (tenant) => {
    expect(apiKeyRecord.safeParse({ ...record, tenant }).success).toBe(false);
  });
});
