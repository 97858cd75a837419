import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseIdempotencyKey } from "../../../worker/domain/requests/parse-idempotency-key.ts";

const refused = { ok: false, error: { code: "idempotency_key_invalid" } };
const read = (key: string | undefined) => ({ ok: true, value: key });

describe("parseIdempotencyKey", () => {
  it("reads nothing where there is no header", () => {
    expect(parseIdempotencyKey(null)).toEqual(read(undefined));
  });

  it.each([
    ["8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ['"8e03978e"', "8e03978e"],
    ['  "spaced"  ', "spaced"],
    ['"a \\"quoted\\" \\\\ word"', 'a "quoted" \\ word'],
    ['inner"quote and \\ backslash', 'inner"quote and \\ backslash'],
    ["k".repeat(255), "k".repeat(255)],
    [`"${"k".repeat(255)}"`, "k".repeat(255)],
  ])("reads %s", (header, key) => {
    expect(parseIdempotencyKey(header)).toEqual(read(key));
  });

  it.each([
    "",
    "   ",
    '""',
    '"open',
    '"a"b"',
    '"bad \\escape"',
    "tab\there",
    "café",
    "line\nbreak",
    "\u0000",
  ])("refuses %j", (header) => {
    expect(parseIdempotencyKey(header)).toEqual(refused);
  });

  it.each([256, 1000])("refuses %i characters, bare or quoted", (length) => {
    expect(parseIdempotencyKey("k".repeat(length))).toEqual(refused);
    expect(parseIdempotencyKey(`"${"k".repeat(length)}"`)).toEqual(refused);
  });

  it("reads any key back that is written as a string of RFC 8941", () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 255,
    });
    fc.assert(
      fc.property(printable, (key) => {
        const written = `"${key.replace(/["\\]/g, "\\$&")}"`;
        expect(parseIdempotencyKey(written)).toEqual(read(key));
      }),
    );
  });

  it("never gives what is no key, whatever it reads", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const parsed = parseIdempotencyKey(header);
        if (parsed.ok) expect(parsed.value).toMatch(/^[\x20-\x7e]{1,255}$/);
        else expect(parsed).toEqual(refused);
      }),
    );
  });
});
