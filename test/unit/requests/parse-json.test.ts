import canonicalize from "canonicalize";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "../../../worker/domain/requests/parse-json.ts";
import { isRefusable, jsonValues, respell } from "./json-texts.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const codeOf = (text: string) => errorOf(parseJson(text)).code;

describe("parseJson on any JSON value", () => {
  it("gives back what was written, unless it holds what must be refused", () => {
    const rewrites = fc.property(jsonValues, (value) => {
      const text = JSON.stringify(value);
      const parsed = parseJson(text);
      expect(parsed.ok).toBe(!isRefusable(value));
      if (parsed.ok) expect(JSON.stringify(parsed.value)).toBe(text);
    });
    fc.assert(rewrites, { numRuns: 1000 });
  });

  it("reads the same value however it is spelled", () => {
    const values = jsonValues.filter((value) => !isRefusable(value));
    const respells = fc.property(values, (value) => {
      expect(valueOf(parseJson(respell(value)))).toEqual(JSON.parse(respell(value)));
    });
    fc.assert(respells, { numRuns: 500 });
  });

  it.each(["", " ", "{", "[1,]", "{'a':1}", "NaN", "01", '"\n"', "1 2", "\u00a01", '{"a":1}}', "<html>"])(
    "refuses what is not JSON: %j",
    (text) => {
      expect(codeOf(text)).toBe("invalid_json");
    },
  );

  it.each([
    ["[1,]", "see position 3 (line 1, column 4)"],
    ['{"a":1}}', "see position 7 (line 1, column 8)"],
    ['{\n  "model": "chat",\n  stream: true\n}', "see position 23 (line 3, column 3)"],
    ['{"a": nope}', "see position 7 (line 1, column 8)"],
    ["<html>", "see position 0 (line 1, column 1)"],
    ['{"a":"b"', "it ends too early, after 8 characters"],
    ["", "it ends too early, after 0 characters"],
  ])("says where %j breaks", (text, place) => {
    expect(errorOf(parseJson(text)).message).toBe(`The body is not valid JSON: ${place}.`);
  });

  it("does not repeat the text in its message", () => {
    expect(errorOf(parseJson('{"key":"sk-secret"')).message).not.toContain("sk-secret");
  });
});

describe("parseJson on names", () => {
  it.each([
    ["plainly", '{"a":1,"a":1}'],
    ["with an escape", String.raw`{"a":1,"\u0061":2}`],
    ["with an escaped quote and a code for it", String.raw`{"\"":1,"\u0022":2}`],
    ["with an escaped solidus", String.raw`{"a/b":1,"a\/b":2}`],
    ["as a surrogate pair and as itself", String.raw`{"😀":1,"\ud83d\ude00":2}`],
    ["after an object", '{"a":{},"a":1}'],
    ["after an array of objects", '{"a":[{"b":1},{"b":2}],"a":1}'],
    ["deep inside", '[{"x":[{"a":1,"b":{"a":1},"a":2}]}]'],
    ["when empty", '{"":1,"":2}'],
    ["with blanks around it", '{ "a" :\n1 ,\t"a" : 2 }'],
  ])("refuses a duplicate name spelled %s", (_, text) => {
    expect(codeOf(text)).toBe("invalid_json");
  });

  it.each([
    ["in sister objects", '[{"a":1},{"a":2}]'],
    ["in an object and the one around it", '{"a":{"a":{"a":1}}}'],
    ["as a value too", '{"a":"a","b":"a","c":["a","a"]}'],
    ["in another case", '{"a":1,"A":2}'],
    ["that Object.prototype has", '{"constructor":1,"toString":2,"hasOwnProperty":3}'],
  ])("takes an equal name %s", (_, text) => {
    expect(JSON.stringify(valueOf(parseJson(text)))).toBe(text);
  });

  it.each(['{"__proto__":{"admin":true}}', String.raw`{"a":[{"__pr\u006fto__":1}]}`])(
    "refuses the name that sets a prototype: %s",
    (text) => {
      expect(codeOf(text)).toBe("invalid_json");
    },
  );

  it("takes __proto__ as a value", () => {
    expect(valueOf(parseJson('["__proto__"]'))).toEqual(["__proto__"]);
  });

  it("says which name stands twice, and no more of it than fits a line", () => {
    expect(errorOf(parseJson('{"seed":1,"seed":2}')).message).toContain('"seed"');
    const long = "x".repeat(10_000);
    expect(errorOf(parseJson(`{"${long}":1,"${long}":2}`)).message?.length).toBeLessThan(200);
  });
});

describe("parseJson on strings", () => {
  it.each([
    String.raw`"\ud800"`,
    String.raw`"\udc00"`,
    String.raw`"\udc00\ud800"`,
    String.raw`["x\uD83Dx"]`,
    String.raw`{"\ud800":1}`,
  ])("refuses a lone surrogate: %s", (text) => {
    expect(codeOf(text)).toBe("invalid_json");
  });

  it("takes a surrogate pair, and an escaped backslash before what looks like one half", () => {
    expect(valueOf(parseJson(String.raw`"\ud83d\ude00"`))).toBe("😀");
    expect(valueOf(parseJson(String.raw`"\\ud800"`))).toBe(String.raw`\ud800`);
  });

  it.each([0, 1, 2, 3, 4, 5, 50, 51])("finds the end of a string after %i backslashes", (count) => {
    const value = ["\\".repeat(count), `${"\\".repeat(count)}"`, { [`"${"\\".repeat(count)}`]: "," }];
    expect(valueOf(parseJson(JSON.stringify(value)))).toEqual(value);
  });
});

describe("parseJson on numbers", () => {
  it.each([
    "9007199254740991",
    "-9007199254740991",
    "0.1",
    "-0.0",
    "1e15",
    "1E-7",
    "2.5e+3",
    "5e-324",
    "9007199254740.992",
    "9007199254740992",
    "-9007199254740992",
    "1e16",
    "-3.4028234663852886e+38",
    "340282346638528859811704183484516925440",
    "9223372036854775808",
    "18446744073709551616",
    "1.7976931348623157e308",
    "0.30000000000000004e20",
  ])("keeps %s", (text) => {
    expect(valueOf(parseJson(`[${text}]`))).toEqual([Number(text)]);
  });

  it.each([
    ["9007199254740993", "9007199254740993"],
    ["-9007199254740993", "-9007199254740993"],
    ["9.007199254740993e15", "9007199254740993"],
    ["9007199254740993.00", "9007199254740993"],
    ["9223372036854775807", "9223372036854775807"],
    ["123456789012345678901234567890", "123456789012345678901234567890"],
    ["12345678901234567890E2", "1234567890123456789000"],
  ])("keeps the digits of %s, which no double has", (text, written) => {
    expect(JSON.stringify(valueOf(parseJson(text)))).toBe(written);
    const read = valueOf(parseJson(`{"a":[1,{"maximum":${text},"b":0.5}]}`));
    expect(JSON.stringify(read)).toBe(`{"a":[1,{"maximum":${written},"b":0.5}]}`);
  });

  it("tells them apart in canonical JSON, from texts and from objects too", () => {
    const texts = [
      "1234567890123456789",
      "1234567890123456788",
      '"1234567890123456789"',
      '{"rawJSON":"1234567890123456789"}',
    ];
    const canonical = texts.map((text) => canonicalize(valueOf(parseJson(`{"seed":${text}}`))));
    expect(canonical).toEqual(texts.map((text) => `{"seed":${text}}`));
  });

  it.each(["1e400", "-1e400", "9007199254740993.5", "1234567890123456789.25e1", "9".repeat(400)])(
    "refuses %s, whose digits would be lost",
    (text) => {
      expect(codeOf(text)).toBe("unsafe_number");
      expect(codeOf(`{"a":[1,{"maximum":${text}}]}`)).toBe("unsafe_number");
    },
  );

  it("takes an unsafe number as a string", () => {
    expect(valueOf(parseJson('"9007199254740993"'))).toBe("9007199254740993");
  });

  it("names the number, cut short", () => {
    expect(errorOf(parseJson("9007199254740993.5")).message).toContain("9007199254740993.5");
    expect(errorOf(parseJson("9".repeat(10_000))).message?.length).toBeLessThan(200);
  });
});

describe("parseJson on hostile input", () => {
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

  it("takes 64 levels and refuses the 65th", () => {
    expect(parseJson(nested(64)).ok).toBe(true);
    expect(codeOf(nested(65))).toBe("invalid_request");
    expect(codeOf(`${'{"a":'.repeat(65)}1${"}".repeat(65)}`)).toBe("invalid_request");
  });

  it("counts depth, not brackets", () => {
    expect(parseJson(`[${"[],{},".repeat(1000)}"[[[["]`).ok).toBe(true);
  });

  it("survives two million open brackets", () => {
    expect(codeOf("[".repeat(2_000_000))).toBe("invalid_request");
    expect(codeOf(nested(1_000_000))).toBe("invalid_request");
  });

  // Anything worse than linear would run into the suite's timeout here.
  it.each([
    ["backslashes", JSON.stringify("\\".repeat(1_000_000))],
    ["escaped quotes", JSON.stringify('"'.repeat(1_000_000))],
    ["strings that end in backslashes", JSON.stringify(Array(90_000).fill(`${"x".repeat(10)}\\`))],
    ["escapes", `"${String.raw`\u0061`.repeat(500_000)}"`],
    ["digits after the point", `0.${"1".repeat(3_000_000)}`],
    ["small numbers", `[${"123,".repeat(399_000)}1]`],
    ["names", `{${Array.from({ length: 10_000 }, (_, at) => `"name ${at}${"x".repeat(100)}":0`).join()}}`],
    ["blanks", `${" ".repeat(3_000_000)}1`],
  ])("reads megabytes of %s", (_, text) => {
    expect(text.length).toBeGreaterThan(1_000_000);
    expect(parseJson(text).ok).toBe(true);
  });
});
