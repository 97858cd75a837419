import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFormScanner, type Segment } from "../../../worker/domain/uploads/multipart-scanner.ts";
import { createSearch } from "../../../worker/domain/uploads/multipart-search.ts";

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const join = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const part = (name: string, value: string, more = "") =>
  `Content-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}`;
const formOf = (boundary: string, parts: readonly string[]) =>
  `${parts.map((each) => `--${boundary}\r\n${each}\r\n`).join("")}--${boundary}--\r\n`;

/** Scans chunks; a fault is given by its words. */
function scan(boundary: string, chunks: readonly Uint8Array[]): Segment[] | string {
  const scanner = createFormScanner(boundary, "model");
  const segments: Segment[] = [];
  for (const chunk of chunks) {
    const added = scanner.add(chunk);
    if (!added.ok) return added.error.message;
    segments.push(...added.value);
  }
  const end = scanner.end();
  return end.ok ? segments : end.error.message;
}

/** The form with each value of `model` replaced, and the values it had. */
function rewrite(boundary: string, chunks: readonly Uint8Array[], model: string) {
  const segments = scan(boundary, chunks);
  if (typeof segments === "string") throw new Error(segments);
  const values = segments.filter(({ kind }) => kind === "value");
  const bytes = segments.flatMap((segment) =>
    segment.kind === "bytes" ? [segment.bytes] : segment.kind === "value" ? [bytesOf(model)] : [],
  );
  return {
    values: values.map((segment) =>
      segment.kind === "value" ? Buffer.from(segment.bytes).toString("latin1") : "",
    ),
    body: Buffer.from(join(bytes)).toString("latin1"),
    closes: segments.filter(({ kind }) => kind === "close").length,
  };
}

const BOUNDARY_CHARACTERS = "0123456789abcXYZ'()+_,-./:=?".split("");
const boundaries = fc.string({
  unit: fc.constantFrom(...BOUNDARY_CHARACTERS),
  minLength: 1,
  maxLength: 70,
});
/** Bytes that are nearly delimiters, and any others. */
const contents = (boundary: string) =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom("\r", "\n", "\r\n", "\r\n-", "\r\n--", "--", ` --${boundary}`, "\n--"),
        fc.constant(`\r\n--${boundary.slice(0, -1)}\r`),
        fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)) }),
      ),
      { maxLength: 12 },
    )
    .map((pieces) => pieces.join(""))
    .filter((content) => !`\n${content}\r\n`.includes(`\n--${boundary}`));

/** Cuts bytes at any places. */
const cut = (bytes: Uint8Array, places: readonly number[]) => {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
};

const forms = boundaries.chain((boundary) =>
  fc.record({
    boundary: fc.constant(boundary),
    before: fc.array(contents(boundary), { maxLength: 2 }),
    model: fc.string({ unit: fc.constantFrom(...BOUNDARY_CHARACTERS, " "), maxLength: 80 }),
    after: fc.array(contents(boundary), { maxLength: 2 }),
    epilogue: fc.constantFrom("", "\r\n", "\n", " \t\r\n"),
    places: fc.array(fc.nat(), { maxLength: 30 }),
  }),
);

describe("a form, however it arrives,", () => {
  it("goes on byte for byte but for the value of the model", () => {
    fc.assert(
      fc.property(forms, ({ boundary, before, model, after, epilogue, places }) => {
        const build = (value: string) =>
          formOf(boundary, [
            ...before.map((content, index) => part(`file${index}`, content, '; filename="a.wav"')),
            part("model", value),
            ...after.map((content, index) => part(`more${index}`, content)),
          ]) + epilogue;
        const sent = cut(bytesOf(build(model)), places);
        expect(rewrite(boundary, sent, "another")).toEqual({
          values: [model],
          body: build("another"),
          closes: 1,
        });
      }),
      { numRuns: 500 },
    );
  });

  it("goes on where it comes byte by byte", () => {
    const body = formOf("b", [part("file", "\r\n--\r\n-b"), part("model", "whisper")]);
    const bytes = Array.from(bytesOf(body), (byte) => Uint8Array.of(byte));
    expect(rewrite("b", bytes, "x").body).toBe(body.replace("whisper", "x"));
  });

  it("is passed on at once, all but what may be a delimiter", () => {
    const scanner = createFormScanner("abc", "model");
    scanner.add(bytesOf(`--abc\r\n${part("file", "")}`));
    const sizes = ["x".repeat(1000), "yy\r\n--ab", "z"].map((text) => {
      const added = scanner.add(bytesOf(text));
      if (!added.ok) throw new Error(added.error.message);
      return added.value.reduce((sum, each) => sum + (each.kind === "bytes" ? each.bytes.length : 0), 0);
    });
    const head = "\r\n".length + part("file", "").length;
    expect(sizes).toEqual([head + 1000, 2, 7]);
  });

  it("finds a model among headers in any order", () => {
    const body = `--b\r\nContent-Type: text/plain\r\ncontent-disposition: form-data; name=model\r\n\r\nm\r\n--b--`;
    expect(rewrite("b", [bytesOf(body)], "x").values).toEqual(["m"]);
  });

  it("takes an empty model, and a line end before the first delimiter", () => {
    const body = `\r\n${formOf("b", [part("model", "")])}`;
    expect(rewrite("b", [bytesOf(body)], "x")).toMatchObject({ values: [""] });
  });

  it("tells where it closes, so that what it lacks can be put there", () => {
    const segments = scan("b", [bytesOf(formOf("b", [part("file", "x")]))]);
    if (typeof segments === "string") throw new Error(segments);
    expect(segments.map(({ kind }) => kind)).toEqual(["bytes", "close", "bytes"]);
    const tail = segments.at(-1);
    expect(tail?.kind === "bytes" && Buffer.from(tail.bytes).toString()).toBe("\r\n--b--\r\n");
  });
});

describe("a form is refused", () => {
  it.each([
    ["that is empty", "", "The form is cut short."],
    ["that has text before its first delimiter", `hello\r\n${formOf("b", [])}`, "does not begin"],
    ["of another boundary", formOf("c", [part("model", "m")]), "does not begin"],
    ["that is cut short", `--b\r\n${part("model", "m")}\r\n--b`, "cut short"],
    ["with something after a delimiter", `--b\r\n${part("a", "x")}\r\n--bc\r\n`, "does not end its line"],
    ["with lines that end in a bare line feed", '--b\nContent-Disposition: form-data; name="a"\n\nx', "line"],
    [
      "with a name that could be two",
      `--b\r\n${part("a", "x", '; name="model"')}\r\n--b--`,
      "more than one way",
    ],
    ["with endless headers", `--b\r\nX: ${"y".repeat(9000)}`, "too long"],
    ["with long headers", `--b\r\nX: ${"y".repeat(9000)}\r\n\r\nx\r\n--b--`, "too long"],
    ["with white space after a delimiter", `--b \r\n${part("a", "x")}\r\n--b--`, "does not end its line"],
    ["with two models", formOf("b", [part("model", "one"), part("a", "x"), part("model", "two")]), "twice"],
    [
      "with a form in it",
      formOf("b", [part("a", "x").replace("\r\n", "\r\nContent-Type: multipart/mixed; boundary=c\r\n")]),
      "a form itself",
    ],
    [
      "with a part after its end",
      `${formOf("b", [part("a", "x")])}--b\r\n${part("model", "m")}\r\n--b--`,
      "after the form's end",
    ],
    ["with text after its end", `${formOf("b", [part("a", "x")])}text`, "after the form's end"],
    ["whose end goes on", `--b\r\n${part("a", "x")}\r\n--b--c\r\n`, "after the form's end"],
    [
      "with a delimiter after a line feed",
      formOf("b", [part("a", `x\n--b\r\n${part("model", "m")}`)]),
      "within a part",
    ],
    [
      "with a delimiter after two line feeds",
      formOf("b", [part("a", `x\n\n--b\r\n${part("model", "m")}`)]),
      "within a part",
    ],
    [
      "with a delimiter that begins a part",
      formOf("b", [part("a", `--b\r\n${part("model", "m")}`)]),
      "within a part",
    ],
    [
      "with a delimiter after a line feed that begins a part",
      formOf("b", [part("a", "\n--b")]),
      "within a part",
    ],
    [
      "with a delimiter after a line feed in its model",
      formOf("b", [part("model", "x\n--b--")]),
      "within a part",
    ],
    [
      "with headers that end in line feeds",
      '--b\r\nContent-Disposition: form-data; name="a"\n\nx\r\n--b--',
      "cut short",
    ],
    ["with an endless model", `--b\r\n${part("model", "m".repeat(2000))}`, "model: longer"],
    ["with a long model", formOf("b", [part("model", "m".repeat(1025))]), "model: longer"],
  ])("%s", (_, body, message) => {
    expect(scan("b", [bytesOf(body)])).toContain(message);
    expect(scan("b", cut(bytesOf(body), [1, 3, 5, 9, 1000]))).toContain(message);
  });

  it("or read, whatever bytes come: it never throws, and never loses one", () => {
    fc.assert(
      fc.property(boundaries, fc.uint8Array({ maxLength: 300 }), (boundary, bytes) => {
        const body = join([bytesOf(`--${boundary}\r\n${part("a", "")}`), bytes]);
        const scanner = createFormScanner(boundary, "model");
        const added = scanner.add(body);
        if (!added.ok) return;
        const sent = join(added.value.flatMap((each) => (each.kind === "bytes" ? [each.bytes] : [])));
        expect(Buffer.from(body).subarray(0, sent.length)).toEqual(Buffer.from(sent));
      }),
    );
  });
});

describe("the search for a delimiter", () => {
  const cases = boundaries.chain((boundary) =>
    fc.record({ boundary: fc.constant(boundary), text: contents(boundary), whole: fc.boolean() }),
  );

  it("finds what indexOf finds, and holds back what may become it", () => {
    fc.assert(
      fc.property(cases, ({ boundary, text, whole }) => {
        const delimiter = `\r\n--${boundary}`;
        const content = whole ? `${text}${delimiter}${text}` : text;
        const search = createSearch(bytesOf(delimiter));
        expect(search.find(bytesOf(content), 0)).toBe(content.indexOf(delimiter));
        const expected = Array.from({ length: content.length + 1 }, (_, at) => at).find((at) =>
          delimiter.startsWith(content.slice(at)),
        );
        if (!whole) expect(search.holdFrom(bytesOf(content), 0)).toBe(expected);
      }),
    );
  });
});
