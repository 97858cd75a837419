import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFileSync(`${ROOT}${path}`, "utf8");

const UNITS: Readonly<Record<string, number>> = { "": 1, KB: 1024, MB: 1024 ** 2, s: 1000, min: 60_000 };

/** The number that a document has: `32 MB`, `15 min`, `100,000`. */
function readLimit(text: string): number {
  const [, digits = "", unit = ""] = /^([\d,]+) ?(\w*)$/.exec(text) ?? [];
  return Number(digits.replaceAll(",", "")) * (UNITS[unit] ?? Number.NaN);
}

/** The number that the first of this name has in a file's source: a product of literals. */
function readConstant(source: string, name: string): number {
  const [, product = ""] = new RegExp(`\\b${name}(?::| =) ([\\d_* ]+)`).exec(source) ?? [];
  return product.split("*").reduce((all, factor) => all * Number(factor.trim().replaceAll("_", "")), 1);
}

const ROW = /^\|[^|]+\| ([^|]+?) +\| \[(\w+)\]\(\.\.\/([^)]+)\)/gm;
const rows = [...read("docs/limits.md").matchAll(ROW)].map(([, most = "", name = "", file = ""]) => ({
  most,
  name,
  file,
}));

describe("docs/limits.md", () => {
  it("has a row for each limit", () => {
    expect(rows.length).toBe(38);
  });

  it.each(rows)("says of $name what the code says", ({ most, name, file }) => {
    expect(readConstant(read(file), name)).toBe(readLimit(most));
  });
});
