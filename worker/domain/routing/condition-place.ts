/** Characters of an expression, from the first to before the last. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Tells what is wrong in an expression, and where: line and column, and below that line a mark. */
export function markPlace(text: string, range: Range | undefined, message: string): string {
  const start = Math.min(range?.start ?? 0, text.length);
  const before = text.slice(0, start).split("\n");
  const column = before.at(-1)?.length ?? 0;
  const line = text.split("\n")[before.length - 1] ?? "";
  const length = Math.max(1, Math.min((range?.end ?? start) - start, line.length - column));
  const mark = `${line}\n${" ".repeat(column)}${"^".repeat(length)}`;
  return `line ${before.length}, column ${column + 1}: ${message}\n${mark}`;
}
