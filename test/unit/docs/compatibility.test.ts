import { describe, expect, it } from "vitest";
import {
  bringUpToDate,
  compareTables,
  readTables,
  type Shown,
  writeTables,
} from "../../helpers/compatibility/tables.ts";

const EMPTY = ["clients", "providers"]
  .map((name) => `<!-- ${name}: begin -->\n\n<!-- ${name}: end -->\n`)
  .join("\n");
const [A, B] = ["test/a.test.ts", "test/b.test.ts"];

const shown: readonly Shown[] = [
  { table: "clients", row: "openai", item: "text", file: A },
  { table: "clients", row: "openai", item: "abort", file: B },
  { table: "clients", row: "curl", item: "text", file: B },
  { table: "providers", row: "groq", item: "fields", file: A },
  { table: "providers", row: "groq", item: "answers of groq", file: A },
];
const both = new Set([A, B]);

const writeAfter = (document: string, run: readonly Shown[], ran: ReadonlySet<string>) =>
  writeTables(document, bringUpToDate(readTables(document), run, ran));
const faultsAfter = (document: string, run: readonly Shown[], ran: ReadonlySet<string>) => {
  const told = readTables(document);
  return compareTables(told, bringUpToDate(told, run, ran));
};
const FULL = writeAfter(EMPTY, shown, both);

describe("the tables of docs/compatibility.md", () => {
  it("are written with columns for what is shown, and read back as they were", () => {
    expect(FULL.split("\n").filter((line) => line.startsWith("|"))).toEqual([
      "| client | text | abort | shown by                                       |",
      "| ------ | ---- | ----- | ---------------------------------------------- |",
      "| curl   | ✓    |       | [b](../test/b.test.ts)                         |",
      "| openai | ✓    | ✓     | [a](../test/a.test.ts), [b](../test/b.test.ts) |",
      "| provider | asked in its way | answers read | shown by               |",
      "| -------- | ---------------- | ------------ | ---------------------- |",
      "| groq     | fields           | groq         | [a](../test/a.test.ts) |",
    ]);
    expect(writeAfter(FULL, shown, both)).toBe(FULL);
    expect(writeTables(FULL, readTables(FULL))).toBe(FULL);
    expect(faultsAfter(FULL, shown, both)).toEqual([]);
  });

  it("do not depend on the order in which tests ran", () => {
    expect(writeAfter(EMPTY, shown.toReversed(), both)).toBe(FULL);
  });

  it("say too much where no test shows an entry any more", () => {
    const less = shown.filter(({ item }) => item !== "abort");
    expect(faultsAfter(FULL, less, both)).toEqual([
      'the row "openai" of the table of clients has "abort", which no test has shown',
      `the row "openai" of the table of clients names ${B}, which shows nothing of it`,
    ]);
    const rows = shown.filter(({ row }) => row !== "groq");
    expect(faultsAfter(FULL, rows, both)).toContain(
      'the row "groq" of the table of providers has "answers of groq", which no test has shown',
    );
    expect(writeAfter(FULL, rows, both)).not.toContain("groq");
  });

  it("say too little where a test shows what they lack, whichever tests ran", () => {
    const more: Shown = { table: "clients", row: "curl", item: "jobs", file: A };
    expect(faultsAfter(FULL, [...shown, more], new Set())).toEqual([
      'the row "curl" of the table of clients lacks "jobs", which a test has shown',
      `the row "curl" of the table of clients does not name ${A}, which shows it`,
    ]);
  });

  it("keep the rows that other files show too, when only a part of the tests ran", () => {
    const part = shown.filter(({ file }) => file === B);
    expect(faultsAfter(FULL, part, new Set([B]))).toEqual([]);
    expect(writeAfter(FULL, part, new Set([B]))).toBe(FULL);
    expect(faultsAfter(FULL, [], new Set([B]))).toEqual([
      'the row "curl" of the table of clients has "text", which no test has shown',
      `the row "curl" of the table of clients names ${B}, which shows nothing of it`,
    ]);
  });

  it("have to be there", () => {
    expect(() => readTables("# Compatibility\n")).toThrow("docs/compatibility.md has no table of clients");
  });
});
