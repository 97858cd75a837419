export interface Column<Row> {
  readonly title: string;
  readonly read: (row: Row) => string;
  /** Words are aligned left; without this, numbers are aligned right. */
  readonly align?: "left";
}

/** Lays rows out under their titles; every line is as wide as the others. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ read }) => read(row))),
  ];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)));
  return cells.map((line) =>
    line.map((cell, at) => pad(cell, widths[at] ?? 0, columns[at]?.align)).join("  "),
  );
}

const pad = (cell: string, width: number, align: "left" | undefined): string =>
  align === "left" ? cell.padEnd(width) : cell.padStart(width);
