import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBoundary, readPartName } from "../../../worker/domain/uploads/multipart-headers.ts";

describe("the boundary of a content type", () => {
  it.each([
    ["multipart/form-data; boundary=abc", "abc"],
    ["Multipart/Form-Data;BOUNDARY=abc", "abc"],
    ['multipart/form-data; boundary="a b:c"', "a b:c"],
    ['multipart/form-data; charset=utf-8; boundary="abc"; x=y', "abc"],
    ['multipart/form-data; x="; boundary=evil"; boundary=good', "good"],
    ["multipart/form-data; boundary=----WebKitFormBoundaryX1", "----WebKitFormBoundaryX1"],
    [`multipart/form-data; boundary=${"b".repeat(70)}`, "b".repeat(70)],
    ["multipart/form-data; boundary=a'()+_,-./:=?", "a'()+_,-./:=?"],
  ])("%s", (type, boundary) => {
    expect(readBoundary(type)).toBe(boundary);
  });

  it.each([
    "",
    "application/json",
    "multipart/mixed; boundary=abc",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    'multipart/form-data; boundary="ends in space "',
    `multipart/form-data; boundary=${"b".repeat(71)}`,
    "multipart/form-data; boundary=a; boundary=b",
    'multipart/form-data; boundary="open',
    'multipart/form-data; boundary="a" b',
    "multipart/form-data; boundary=ä",
  ])("is missing or unusable in '%s'", (type) => {
    expect(readBoundary(type)).toBeUndefined();
  });

  it("is never longer than 70 characters, nor takes long to tell", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 4000 }), (tail) => {
        const boundary = readBoundary(`multipart/form-data;${tail}`);
        expect(boundary === undefined || (boundary.length >= 1 && boundary.length <= 70)).toBe(true);
      }),
    );
    expect(readBoundary(`multipart/form-data${" ;".repeat(50_000)}`)).toBeUndefined();
    expect(readBoundary(`multipart/form-data; x="${"\\".repeat(50_001)}`)).toBeUndefined();
  });
});

describe("the name of a part", () => {
  it.each([
    ['Content-Disposition: form-data; name="model"', "model"],
    ["content-disposition:form-data;name=model", "model"],
    ['CONTENT-DISPOSITION: form-data; NAME="model"', "model"],
    ['Content-Disposition: form-data; name="mo\\del"', "model"],
    ['Content-Type: text/plain\r\nContent-Disposition: form-data; name="a"; filename="x; name=model"', "a"],
    ['Content-Disposition: form-data; name="file"; filename="a.wav"; filename*=UTF-8\'\'a.wav', "file"],
    ["Content-Disposition: form-data", undefined],
    ["Content-Type: text/plain", undefined],
    ["", undefined],
  ])("%j", (block, name) => {
    expect(readPartName(block)).toEqual({ name });
  });

  it.each([
    ["a folded line", 'Content-Disposition: form-data;\r\n name="model"'],
    ["a bare line feed", 'X: y\nContent-Disposition: form-data; name="model"'],
    ["a bare carriage return", 'X: y\rContent-Disposition: form-data; name="model"'],
    ["a null byte", 'Content-Disposition: form-data; name="mod\0el"'],
    [
      "two dispositions",
      'Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="model"',
    ],
    ["two names", 'Content-Disposition: form-data; name="a"; name="model"'],
    ["an extended name", "Content-Disposition: form-data; name*=utf-8''model"],
    ["a name in parts", 'Content-Disposition: form-data; name*0="mo"; name*1="del"'],
    ["a quote that is never closed", 'Content-Disposition: form-data; name="model'],
  ])("cannot be told from %s", (_, block) => {
    expect(readPartName(block)).toBe("ambiguous");
  });
});
