import type { GatewayError } from "../../contract/errors.ts";
import { JOB_ID } from "../../contract/jobs/job-id.ts";
import { JOB_STATUSES, type JobStatus } from "../../contract/jobs/job-status.ts";
import type { JobPosition } from "./job-entry.ts";
import { err, ok, type Result } from "../result.ts";

/** Which of a tenant's jobs are asked for; null or no pairs: all. */
export interface JobFilter {
  readonly statuses: readonly JobStatus[] | null;
  readonly model: string | null;
  /** Pairs that a job's metadata must hold, among others. */
  readonly metadata: readonly (readonly [name: string, value: string])[];
}

export interface JobListQuery {
  readonly filter: JobFilter;
  /** Only what comes after this one, in the order of lists; null for the newest. */
  readonly after: JobPosition | null;
  /** How many entries make a page. */
  readonly limit: number;
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
const MAX_MODEL_LENGTH = 256;
const MAX_PAIRS = 16;
const METADATA = /^metadata\[([^]{1,64})\]$/;
const MAX_VALUE_LENGTH = 512;
/** An unknown parameter's name is cut to this length in the error message. */
const MAX_PARAM_LENGTH = 80;

/**
 * Reads the query of `GET /v1/jobs`: `status` (repeated, or separated by commas), `model`, `metadata[k]`,
 * `after`, `limit`. What is not one of these is refused: a filter that is spelled wrong would show
 * everything.
 */
export function parseListQuery(search: URLSearchParams): Result<JobListQuery, GatewayError> {
  const stray = [...search.keys()].find((name) => !KNOWN.has(name) && !METADATA.test(name));
  if (stray !== undefined) return refuse(stray, `use ${[...KNOWN].join(", ")} or metadata[name]`);
  const statuses = readStatuses(search.getAll("status"));
  if (!statuses.ok) return statuses;
  const model = readModel(search.getAll("model"));
  if (!model.ok) return model;
  const metadata = readMetadata([...search]);
  if (!metadata.ok) return metadata;
  const after = readAfter(search.getAll("after"));
  if (!after.ok) return after;
  const limit = readLimit(search.getAll("limit"));
  if (!limit.ok) return limit;
  const filter = { statuses: statuses.value, model: model.value, metadata: metadata.value };
  return ok({ filter, after: after.value, limit: limit.value });
}

const KNOWN: ReadonlySet<string> = new Set(["status", "model", "after", "limit"]);

function refuse(name: string, expected: string) {
  const param = name.slice(0, MAX_PARAM_LENGTH);
  return err({ code: "invalid_request", param, message: `${param}: ${expected}` } as const);
}

function readStatuses(values: readonly string[]): Result<JobStatus[] | null, GatewayError> {
  if (values.length === 0) return ok(null);
  const names = [...new Set(values.flatMap((value) => value.split(",")))];
  const known = JOB_STATUSES.filter((status) => names.includes(status));
  return known.length === names.length ? ok(known) : refuse("status", `use ${JOB_STATUSES.join(", ")}`);
}

function readModel(values: readonly string[]): Result<string | null, GatewayError> {
  const [model = null] = values;
  const usable = model === null || (model !== "" && model.length <= MAX_MODEL_LENGTH);
  return usable && values.length <= 1 ? ok(model) : refuse("model", "expected one model's name");
}

function readMetadata(
  pairs: readonly (readonly [string, string])[],
): Result<JobFilter["metadata"], GatewayError> {
  const asked = new Map<string, string>();
  for (const [param, value] of pairs) {
    const name = METADATA.exec(param)?.[1];
    if (name === undefined) continue;
    if (asked.has(name)) return refuse(param, "give one value; a label has only one");
    if (value.length > MAX_VALUE_LENGTH) return refuse(param, `use at most ${MAX_VALUE_LENGTH} characters`);
    asked.set(name, value);
  }
  return asked.size <= MAX_PAIRS ? ok([...asked]) : refuse("metadata", `use at most ${MAX_PAIRS} pairs`);
}

function readAfter(values: readonly string[]): Result<JobPosition | null, GatewayError> {
  const [cursor] = values;
  if (cursor === undefined) return ok(null);
  const position = values.length === 1 ? decodeCursor(cursor) : undefined;
  return position ? ok(position) : refuse("after", "expected the `next` of an earlier page");
}

function readLimit(values: readonly string[]): Result<number, GatewayError> {
  const [text = String(DEFAULT_LIMIT)] = values;
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (values.length <= 1 && limit >= 1 && limit <= MAX_LIMIT) return ok(limit);
  return refuse("limit", `expected a whole number from 1 to ${MAX_LIMIT}`);
}

/** A position as clients hold it: opaque, and safe in a URL. */
export const encodeCursor = ({ createdAt, id }: JobPosition): string =>
  btoa(`${createdAt} ${id}`).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** The position; undefined for anything but the one spelling that `encodeCursor` gives. */
export function decodeCursor(cursor: string): JobPosition | undefined {
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(cursor) || cursor.length % 4 === 1) return undefined;
  const text = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  const [time = "", id = ""] = text.split(" ");
  if (!/^\d{1,15}$/.test(time) || !JOB_ID.test(id)) return undefined;
  const position = { createdAt: Number(time), id };
  return encodeCursor(position) === cursor ? position : undefined;
}
