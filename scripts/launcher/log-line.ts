import { accent, dim, warning } from "./terminal.ts";

/** Events that say something went wrong. */
const TROUBLE = /failed|bug|not_configured/;

/**
 * Renders a line the running gateway has written: requests and the Worker's own log lines in columns,
 * anything else (errors of a reload, above all) as it is. `time` stands in front, such as "07:01:22".
 */
export function renderLogLine(line: string, time: string): string {
  const request = /^\[wrangler:info\] ([A-Z]+ \S+) (\d{3}) .*\((\d+ms)\)$/.exec(line);
  if (request !== null) {
    const [, what = "", status = "", took = ""] = request;
    return `${dim(time)}  ${what.padEnd(28)} ${Number(status) < 400 ? status : warning(status)}  ${dim(took)}`;
  }
  const entry = parseEntry(line);
  if (entry === undefined) return line.replace(/^\[wrangler:\w+\] /, "");
  const { event, ...fields } = entry;
  const name = TROUBLE.test(event) ? warning(event) : accent(event);
  return `${dim(time)}  ${name}  ${dim(describeFields(fields))}`;
}

interface Entry {
  readonly event: string;
  readonly [field: string]: unknown;
}

function parseEntry(line: string): Entry | undefined {
  try {
    const value = JSON.parse(line) as Partial<Entry> | null;
    return typeof value?.event === "string" ? { ...value, event: value.event } : undefined;
  } catch {
    return undefined;
  }
}

const describeFields = (fields: Readonly<Record<string, unknown>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
