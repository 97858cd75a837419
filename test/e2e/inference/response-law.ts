import { expect } from "vitest";
import { ERRORS, type ErrorCode } from "../../../worker/contract/errors.ts";
import { jobDocument } from "../../../worker/contract/jobs/job-document.ts";

/** What every response must be, whatever was asked: see "Every request and response" in the docs. */

/** What stands for 503 under Anthropic's API. */
const OVERLOADED = 529;
/** 499 is only logged, and 500 is a bug. */
const STATUSES: ReadonlySet<number> = new Set([
  200,
  202,
  204,
  OVERLOADED,
  ...Object.values(ERRORS).flatMap(({ status }) => (status === 499 || status === 500 ? [] : [status])),
]);
/** A stack, a path of the source, a secret of the deployment, the engine's own words. */
const INTERNAL =
  /\n\s*at |\.(ts|js):\d|node_modules|-secret\b|hr_test_|Error:|is not a function|Cannot read|Durable ?Object|workerd/;

/** What Anthropic's clients know as types of errors. */
const ANTHROPIC_TYPE =
  /^(invalid_request|authentication|billing|permission|not_found|request_too_large|rate_limit|timeout|overloaded|api)(_error)?$/;

interface Told {
  readonly message: string;
  readonly code: ErrorCode;
  readonly param: string | null;
}

/** A response that was read to its end. */
export interface Read {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of an error; undefined for what is none. */
  readonly error: Told | undefined;
}

/** Reads a response and holds it to the law; `asked` is how it was asked for. */
export async function expectLawful(
  response: Response,
  asked: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<Read> {
  const { status, headers } = response;
  const text = await response.text();
  expect(STATUSES).toContain(status);
  expect(headers.get("x-request-id")).toMatch(/^[\x21-\x7e]{1,128}$/);
  expect(headers.get("x-headrace-config")).toMatch(/^[0-9a-f]{12}$/);
  const given = asked.headers["x-request-id"] ?? "";
  if (/^[\x21-\x7e]{1,128}$/.test(given)) expect(headers.get("x-request-id")).toBe(given);
  if (status === 405) expect(headers.get("allow")).toMatch(/^[A-Z]+(, [A-Z]+)*$/);
  if (asked.method === "HEAD" || status === 204) {
    expect(text).toBe("");
    return { status, headers, text, error: undefined };
  }
  if (status >= 400)
    return { status, headers, text, error: expectError(status, headers, text, pathOf(asked)) };
  if (status === 202) expectJob(headers, text);
  return { status, headers, text, error: undefined };
}

/** The path as a client sends it: without its dots. */
const pathOf = ({ path }: { readonly path: string }) => new URL(`http://gateway${path}`).pathname;

function expectError(status: number, headers: Headers, text: string, path: string): Told {
  expect(headers.get("content-type")).toBe("application/json");
  const body = JSON.parse(text) as { error: Told & Record<string, unknown> };
  const { error } = body;
  // A path that was meant for it is told so in its form, too.
  const anthropic = path.startsWith("/v1/messages") || (path.includes("/v1/messages") && "type" in body);
  expectWait(status, headers, error.retryable === true);
  expect(Object.keys(body).toSorted()).toEqual(anthropic ? ["error", "request_id", "type"] : ["error"]);
  // A provider's own codes come through; the rest of the row is that of the status.
  const row = Object.hasOwn(ERRORS, error.code) ? ERRORS[error.code] : rowOf(status);
  expect(error).toEqual({
    message: expect.stringMatching(/./),
    type: anthropic ? expect.stringMatching(ANTHROPIC_TYPE) : row.type,
    code: error.code,
    param: error.param === null ? null : expect.any(String),
    request_id: headers.get("x-request-id"),
    retryable: error.retryable === false ? false : row.retryable,
  });
  expect(error.code === "overloaded" && anthropic ? OVERLOADED : row.status).toBe(status);
  expect(error.message).not.toMatch(INTERNAL);
  return error;
}

function expectWait(status: number, headers: Headers, retryable: boolean): void {
  if (status === 429 || status === 503 || status === OVERLOADED) {
    if (retryable) expect(headers.get("retry-after")).toMatch(/^\d+$/);
    else expect(headers.get("retry-after")).toBeNull();
  }
  if (headers.has("retry-after")) expect(headers.get("x-should-retry")).toBeNull();
}

function rowOf(status: number) {
  const row = Object.values(ERRORS).find((one) => one.status === status);
  if (!row) throw new Error(`no error has the status ${status}`);
  return row;
}

function expectJob(headers: Headers, text: string): void {
  const document = jobDocument.parse(JSON.parse(text));
  expect(headers.get("location")).toBe(`/v1/jobs/${document.id}`);
  expect(headers.get("cache-control")).toBe("no-store");
}
