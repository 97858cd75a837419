import { accent, dim, warning } from "./terminal.ts";

/** Events that say something went wrong. */
const TROUBLE = /failed|bug|not_configured/;

/**
 * Renders a line the running gateway has written: requests, the Worker's own log lines and its facts in
 * columns, anything else (errors of a reload, above all) as it is. `time`, such as "07:01:22", stands in front
 * of every line.
 */
export function renderLogLine(line: string, time: string): string {
  const request = /^\[wrangler:info\] ([A-Z]+ \S+) (\d{3}) .*\((\d+ms)\)$/.exec(line);
  if (request !== null) {
    const [, what = "", status = "", took = ""] = request;
    return `${dim(time)}  ${what.padEnd(30)} ${Number(status) < 400 ? status : warning(status)}  ${dim(took)}`;
  }
  const entry = parseEntry(line);
  if (entry === undefined) return `${dim(time)}  ${line.replace(/^\[wrangler:\w+\] /, "")}`;
  const { event, facts, ...fields } = entry;
  const entries = facts
    ? facts.map(({ kind, ...rest }) => [kind, rest] as const)
    : [[event, fields] as const];
  return entries
    .map(([name, rest]) => `${dim(time)}  ${paint(name, rest)}  ${dim(describeFields(rest))}`)
    .join("\n");
}

/** The name of an event or fact, in the colour of warnings where something went wrong. */
const paint = (name: string, { error, code }: Readonly<Record<string, unknown>>): string =>
  TROUBLE.test(name) || typeof error === "string" || typeof code === "string" ? warning(name) : accent(name);

interface Entry {
  readonly event: string;
  /** What happened to several requests, in one line. */
  readonly facts?: readonly { readonly kind: string; readonly [field: string]: unknown }[];
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
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${isWord(value) ? value : JSON.stringify(value)}`)
    .join(" ");

/** Whether a value needs no quotes to be told from what stands beside it. */
const isWord = (value: unknown): value is string => typeof value === "string" && /^[^\s"]+$/.test(value);
