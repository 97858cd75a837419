/** The two tables of docs/compatibility.md as data; pure. */
import { FEATURES } from "./marks.ts";

/** One thing that a passed test has shown. */
export interface Shown {
  readonly table: TableName;
  readonly row: string;
  readonly item: string;
  /** The test's file, from the repository's root. */
  readonly file: string;
}

export type TableName = "clients" | "providers";
export interface Row {
  readonly items: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
}
export type Table = ReadonlyMap<string, Row>;
export type Tables = Readonly<Record<TableName, Table>>;

const NOTHING: Row = { items: new Set(), files: new Set() };
const NAMES: readonly TableName[] = ["clients", "providers"];
const mapTables = (change: (name: TableName) => Table): Tables => ({
  clients: change("clients"),
  providers: change("providers"),
});

/**
 * The tables as they have to be after a run. A row whose files have all run says what the run has shown, and
 * is gone where that is nothing. Any other row keeps what it says, for the run was of a part of the tests only.
 */
export function bringUpToDate(told: Tables, shown: readonly Shown[], ran: ReadonlySet<string>): Tables {
  return mapTables((name) => {
    const found = gather(shown.filter(({ table }) => table === name));
    const rows = [...new Set([...told[name].keys(), ...found.keys()])].toSorted();
    return new Map(
      rows.flatMap((row) => {
        const now = found.get(row) ?? NOTHING;
        const before = told[name].get(row) ?? NOTHING;
        const next = before.files.isSubsetOf(ran) ? now : join(before, now);
        return next.items.size === 0 ? [] : [[row, next] as const];
      }),
    );
  });
}

const join = (one: Row, other: Row): Row => ({
  items: one.items.union(other.items),
  files: one.files.union(other.files),
});

function gather(shown: readonly Shown[]): Table {
  const rows = new Map<string, Row>();
  for (const { row, item, file } of shown) {
    rows.set(row, join(rows.get(row) ?? NOTHING, { items: new Set([item]), files: new Set([file]) }));
  }
  return rows;
}

/** What the document says wrongly, a line each; nothing where it is right. */
export function compareTables(told: Tables, due: Tables): string[] {
  return NAMES.flatMap((name) => {
    const rows = [...new Set([...told[name].keys(), ...due[name].keys()])];
    return rows.flatMap((row) => {
      const before = told[name].get(row) ?? NOTHING;
      const next = due[name].get(row) ?? NOTHING;
      const at = `the row "${row}" of the table of ${name}`;
      return [
        ...list(
          before.items.difference(next.items),
          (item) => `${at} has "${item}", which no test has shown`,
        ),
        ...list(
          next.items.difference(before.items),
          (item) => `${at} lacks "${item}", which a test has shown`,
        ),
        ...list(
          before.files.difference(next.files),
          (file) => `${at} names ${file}, which shows nothing of it`,
        ),
        ...list(next.files.difference(before.files), (file) => `${at} does not name ${file}, which shows it`),
      ];
    });
  });
}

const list = (items: ReadonlySet<string>, tell: (item: string) => string): string[] => [...items].map(tell);

/** How a table's row is written between its name and its files, and read again. */
interface Layout {
  heads(table: Table): readonly string[];
  write(items: ReadonlySet<string>, heads: readonly string[]): readonly string[];
  read(cells: readonly string[], heads: readonly string[]): readonly string[];
}

const YES = "✓";
/** A provider's answers have a column of their own, without this word. */
const ANSWERS = "answers of ";
const isAnswer = (item: string) => item.startsWith(ANSWERS);

const LAYOUTS: Readonly<Record<TableName, Layout>> = {
  clients: {
    heads: (table) =>
      FEATURES.filter((feature) => [...table.values()].some(({ items }) => items.has(feature))),
    write: (items, heads) => heads.map((head) => (items.has(head) ? YES : "")),
    read: (cells, heads) => heads.filter((_, at) => cells[at] === YES),
  },
  providers: {
    heads: () => ["asked in its way", "answers read"],
    write: (items) => {
      const sorted = [...items].toSorted();
      const answers = sorted.filter(isAnswer).map((item) => item.slice(ANSWERS.length));
      return [sorted.filter((item) => !isAnswer(item)).join(", "), answers.join(", ")];
    },
    read: ([asked = "", answers = ""]) => [
      ...split(asked),
      ...split(answers).map((answer) => ANSWERS + answer),
    ],
  },
};

const split = (cell: string): string[] => cell.split(", ").filter((item) => item !== "");
const between = (name: TableName) =>
  new RegExp(`(<!-- ${name}: begin -->\n).*?(\n<!-- ${name}: end -->)`, "s");

/** Reads the tables of the document; throws where their marks are not there. */
export function readTables(document: string): Tables {
  return mapTables((name) => {
    const [table] = between(name).exec(document) ?? [];
    if (table === undefined) throw new Error(`docs/compatibility.md has no table of ${name}`);
    const lines = table.split("\n").filter((line) => line.startsWith("|"));
    const [heads = [], , ...rows] = lines.map(readCells);
    return new Map(
      rows.map(([row = "", ...cells]) => {
        const items = LAYOUTS[name].read(cells.slice(0, -1), heads.slice(1, -1));
        const files = [...(cells.at(-1) ?? "").matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, file = ""]) => file);
        return [row, { items: new Set(items), files: new Set(files) }];
      }),
    );
  });
}

const readCells = (line: string): string[] =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The document with these tables in it, as the formatter writes tables. */
export function writeTables(document: string, tables: Tables): string {
  return NAMES.reduce(
    (text, name) =>
      text.replace(
        between(name),
        (_, begin: string, end: string) => `${begin}\n${writeTable(name, tables[name])}\n${end}`,
      ),
    document,
  );
}

function writeTable(name: TableName, table: Table): string {
  const heads = LAYOUTS[name].heads(table);
  const rows = [...table].map(([row, { items, files }]) => [
    row,
    ...LAYOUTS[name].write(items, heads),
    [...files].toSorted().map(writeFile).join(", "),
  ]);
  return alignColumns([[name.slice(0, -1), ...heads, "shown by"], ...rows]);
}

const writeFile = (file: string): string =>
  `[${file.slice(file.lastIndexOf("/") + 1).replace(".test.ts", "")}](../${file})`;

/** A table as the formatter writes it; the first row has the titles. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(3, ...rows.map((row) => row[at]?.length ?? 0)));
  const rule = widths.map((width) => "-".repeat(width));
  return rows
    .toSpliced(1, 0, rule)
    .map((cells) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`)
    .join("\n");
}
