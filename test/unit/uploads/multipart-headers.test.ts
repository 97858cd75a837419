import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isForm,
  readBoundary,
  readPartName,
  writeContentType,
} from "../../../worker/domain/uploads/multipart-headers.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

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
    expect(isForm(type)).toBe(true);
    expect(valueOf(readBoundary(type))).toBe(boundary);
    expect(valueOf(readBoundary(writeContentType(boundary)))).toBe(boundary);
  });

  it.each(["", "application/json", "multipart/mixed; boundary=abc", "multipart/form-data, text/plain"])(
    "is not looked for in '%s'",
    (type) => expect(isForm(type)).toBe(false),
  );

  it.each([
    ["none", "multipart/form-data"],
    ["an empty one", "multipart/form-data; boundary="],
    ["one that ends in a space", 'multipart/form-data; boundary="ends in space "'],
    ["a long one", `multipart/form-data; boundary=${"b".repeat(71)}`],
    ["two", "multipart/form-data; boundary=a; boundary=b"],
    ["two, in other cases", "multipart/form-data; boundary=a; Boundary=b"],
    ["two, as two headers make one", "multipart/form-data; boundary=a, multipart/form-data; boundary=b"],
    ["an extended one", "multipart/form-data; boundary*=utf-8''b"],
    ["a plain and an extended one", "multipart/form-data; boundary=a; boundary*=utf-8''b"],
    ["one in parts", "multipart/form-data; boundary*0=a; boundary*1=b"],
    ["a plain one and one in parts", "multipart/form-data; boundary=a; boundary*0=b; BOUNDARY*1=c"],
    ["a space before the equals sign", "multipart/form-data; boundary =a"],
    ["a space after it", "multipart/form-data; boundary= a"],
    ["an open quote", 'multipart/form-data; boundary="open'],
    ["something after the quote", 'multipart/form-data; boundary="a" b'],
    ["an escaped quote", 'multipart/form-data; boundary="a\\"b"'],
    ["an escape", 'multipart/form-data; boundary="a\\b"'],
    ["a quote within", 'multipart/form-data; boundary=a"b'],
    ["an escaped quote in another parameter", 'multipart/form-data; x="\\"; boundary=a"; boundary=b'],
    ["a percent sign", "multipart/form-data; boundary=%61"],
    ["a letter beyond ASCII", "multipart/form-data; boundary=ä"],
    ["a line break", "multipart/form-data; boundary=a\r\n b"],
  ])("is refused with %s", (_, type) => {
    expect(isForm(type)).toBe(true);
    expect(errorOf(readBoundary(type)).message).toMatch(/^Content-Type: /);
  });

  it("is never longer than 70 characters, nor takes long to tell", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 4000 }), (tail) => {
        const read = readBoundary(`multipart/form-data;${tail}`);
        expect(!read.ok || (read.value.length >= 1 && read.value.length <= 70)).toBe(true);
      }),
    );
    expect(readBoundary(`multipart/form-data${" ;".repeat(50_000)}`).ok).toBe(false);
    expect(readBoundary(`multipart/form-data; x="${"\\".repeat(50_001)}`).ok).toBe(false);
  });
});

const named = (name: string, more = "") => `Content-Disposition: form-data; name=${name}${more}`;

describe("the name of a part", () => {
  it.each([
    [named('"model"'), "model"],
    ["content-disposition:form-data;name=model", "model"],
    ['CONTENT-DISPOSITION: Form-Data; NAME="model"', "model"],
    [`Content-Type: text/plain; charset=UTF-8\r\n${named('"model"')}\r\nContent-Length: 7`, "model"],
    [`Content-Type: text/plain\r\n${named('"a"', '; filename="x; name=model"')}`, "a"],
    [named('"file"', "; filename=\"a.wav\"; filename*=UTF-8''a.wav"), "file"],
    [named('"file"', '; filename="C:\\music\\a.wav"'), "file"],
    [named('"file"', '; filename="Ã¼ber.wav"'), "file"],
    [`${named('"file"', '; filename="a.wav"')}\r\nContent-Transfer-Encoding: binary`, "file"],
    [named('"timestamp_granularities[]"'), "timestamp_granularities[]"],
    [named('"model_options"'), "model_options"],
  ])("%j", (block, name) => {
    expect(valueOf(readPartName(block, "model"))).toBe(name);
  });

  it.each([
    ["a folded line", 'Content-Disposition: form-data;\r\n name="model"'],
    ["a bare line feed", `X: y\n${named('"model"')}`],
    ["a bare carriage return", `X: y\r${named('"model"')}`],
    ["a null byte", named('"mod\0el"')],
    ["a vertical tab", named('\v"model"')],
    ["a header without a colon", `Content-Disposition\r\n${named('"a"')}`],
    ["a header without a name", `: form-data\r\n${named('"a"')}`],
    ["a space before the colon", 'Content-Disposition : form-data; name="model"'],
    ["a space before a header", ` ${named('"model"')}`],
    ["two dispositions", `${named('"a"')}\r\n${named('"model"')}`],
    ["two dispositions, in other cases", `${named('"a"')}\r\n${named('"model"').toUpperCase()}`],
    ["two content types", `${named('"a"')}\r\nContent-Type: text/plain\r\nContent-Type: multipart/mixed`],
    ["two names", named('"a"', '; name="model"')],
    ["two names, in other cases", named('"a"', '; Name="model"')],
    ["an extended name", "Content-Disposition: form-data; name*=utf-8''model"],
    ["a plain and an extended name", named('"a"', "; name*=utf-8''model")],
    ["a name in parts", 'Content-Disposition: form-data; name*0="mo"; name*1="del"'],
    ["a quote that is never closed", 'Content-Disposition: form-data; name="model'],
    ["text after the quote", named('"mo"del')],
    ["an escape in the name", named('"mo\\del"')],
    ["an escaped quote in the name", named('"a\\"; name=\\"model"')],
    ["an escaped quote in the file's name", named('"file"', '; filename="x\\"; name=\\"model"')],
    ["an escaped quote before the name", 'Content-Disposition: form-data; x="\\"; name="model"; y="\\""'],
    ["single quotes", named("'model'")],
    ["single quotes around others", named("'a; name=\"model\"'")],
    ["a percent sign", named('"mo%64el"')],
    ["a quote as browsers write it", named('"%22model"')],
    ["an encoded word", named('"=?utf-8?Q?model?="')],
    ["space around the name", named('" model "')],
    ["space around the equals sign", 'Content-Disposition: form-data; name = "model"'],
    ["another case", named('"Model"')],
    ["a list of models", named('"model[]"')],
    ["a model's field", named('"model[name]"')],
    ["a path to a model's field", named('"model.name"')],
    ["a charset for the whole form", named('"_charset_"')],
    ["letters beyond ASCII", named('"mod\xe9l"')],
    ["an empty name", named('""')],
    ["no name", "Content-Disposition: form-data"],
    ["no disposition", "Content-Type: text/plain"],
    ["no headers", ""],
    ["another disposition", 'Content-Disposition: attachment; name="model"'],
    ["no disposition but a name", 'Content-Disposition: name="model"'],
    ["a form in the form", `${named('"a"')}\r\nContent-Type: multipart/mixed; boundary=c`],
    ["a message in the form", `${named('"a"')}\r\nContent-Type: message/rfc822`],
    ["base64", `${named('"model"')}\r\nContent-Transfer-Encoding: base64`],
    ["quoted-printable in any part", `${named('"file"')}\r\nContent-Transfer-Encoding: quoted-printable`],
    ["a model that is a file", named('"model"', '; filename="model"')],
    ["a model that is a file by its extended name", named('"model"', "; filename*=utf-8''m")],
    ["a model in another charset", `${named('"model"')}\r\nContent-Type: text/plain; charset=utf-7`],
    ["a model in UTF-16", `${named('"model"')}\r\nContent-Type: text/plain; charset=utf-16le`],
  ])("is refused with %s", (_, block) => {
    expect(errorOf(readPartName(block, "model")).message).toMatch(/^(A part of|The headers of|model: )/);
  });
});
