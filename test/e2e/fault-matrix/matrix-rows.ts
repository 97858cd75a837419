/** What a provider does wrong, and what comes of it with the defaults: the rows of the fault matrix, as data. */
import { REFUSED } from "../../fixtures/deployment/fault-routes.ts";
import type { Fault } from "../../helpers/fake-provider-client.ts";
import { answersWith, type Gets, refusal } from "../inference/fault-rows.ts";

export interface MatrixRow {
  readonly what: string;
  /** Takes so much of the isolate's memory that others would be given up for it. */
  readonly heavy?: true;
  /** Whole answers meet it; only streams where it is absent. */
  readonly whole?: Meeting;
  readonly streamed: Meeting;
}

/** A fault, and what comes of it. */
export interface Meeting {
  /** `refused`: the provider's port is closed. A function: as it is to be when the request is sent. */
  readonly fault: Fault | (() => Fault) | typeof REFUSED;
  readonly gets: MatrixGets;
  /** How often the target is called by one request; once by each run of a job. */
  readonly calls: number;
}

/** As in the rows of a provider's faults; a status and a code where the provider's words are its own. */
export type MatrixGets =
  | Exclude<Gets, object | "its call">
  | { readonly status: number; readonly code: string }
  | { readonly breaks: string };

/** Longer than any limit of these routes. */
const LATE_MS = 30_000;

/** The same for whole answers and for streams; asked `calls` times before the next target is. */
const both = (what: string, fault: Meeting["fault"], calls: number, gets: MatrixGets = "the next") => ({
  what,
  whole: { fault, gets, calls },
  streamed: { fault, gets, calls },
});
const onlyStreams = (what: string, fault: Fault, gets: MatrixGets, calls = 1): MatrixRow => ({
  what,
  streamed: { fault, gets, calls },
});

const status = (code: number, calls: number, gets?: MatrixGets): MatrixRow =>
  both(`status ${code}`, { kind: "status", status: code }, calls, gets);
const throttled = (what: string, retryAfter: string | undefined, calls: number): MatrixRow =>
  both(
    `status 429, ${what}`,
    {
      kind: "status",
      status: 429,
      ...(retryAfter === undefined ? {} : { headers: { "retry-after": retryAfter } }),
    },
    calls,
  );

const HOUR_MS = 3_600_000;
const throttledForAnHour = both(
  "status 429, Retry-After: a date in an hour",
  () => ({
    kind: "status",
    status: 429,
    headers: { "retry-after": new Date(Date.now() + HOUR_MS).toUTCString() },
  }),
  1,
);

const FAILED = { error: { message: "The engine failed.", type: "server_error", code: "server_error" } };

/** A stream's events are its role, `echo:`, ` good`, ` day`, its finish_reason, its usage and [DONE]. */
export const MATRIX_ROWS: readonly MatrixRow[] = [
  both("connection refused", REFUSED, 3),
  {
    what: "connection reset in the body",
    whole: { fault: { kind: "reset", after: 1 }, gets: "the next", calls: 3 },
    streamed: { fault: { kind: "reset", after: 3 }, gets: { breaks: "upstream_error" }, calls: 1 },
  },
  both("headers that do not come", { delayMs: LATE_MS }, 1),
  both("a body that comes too slowly", { eventDelayMs: LATE_MS }, 1),
  both("a body that drips, byte by byte", { kind: "slow-loris", intervalMs: 50 }, 1),
  onlyStreams("a stream that stalls", { kind: "hang", after: 3 }, { breaks: "upstream_timeout" }),
  both("a body without an end", { kind: "endless", intervalMs: 100 }, 1),
  both("status 200 with HTML", { kind: "html" }, 1),
  both("status 200 with an error in it", refusal(200, FAILED), 3),
  both("status 200 with JSON that is none", { kind: "invalid-json" }, 1),
  both("status 200 with nothing", answersWith("application/json", ""), 1),
  {
    what: "a line of 10 MB",
    heavy: true,
    whole: { fault: { kind: "long-line" }, gets: "the next", calls: 1 },
    streamed: { fault: { kind: "long-line" }, gets: "its answer", calls: 1 },
  },
  both("gzip that is none", { kind: "gzip", lies: true }, 1),
  status(400, 1, { status: 400, code: "fault_400" }),
  status(401, 1),
  status(402, 1),
  status(403, 1),
  both("status 404 with HTML", answersWith("text/html", "<html><h1>404 Not Found</h1></html>", 404), 1),
  status(408, 1),
  status(413, 1, { status: 413, code: "fault_413" }),
  throttled("Retry-After: 1", "1", 3),
  throttledForAnHour,
  throttled("Retry-After: a date that has passed", "Wed, 21 Oct 2015 07:28:00 GMT", 3),
  throttled("Retry-After: 0", "0", 3),
  throttled("Retry-After: -5", "-5", 1),
  throttled("Retry-After: 3600", "3600", 1),
  throttled("no Retry-After", undefined, 1),
  status(500, 3),
  status(503, 3),
  status(529, 1),
  {
    what: "a cut in the preamble",
    whole: { fault: { kind: "cut", after: 0 }, gets: "the next", calls: 1 },
    streamed: { fault: { kind: "cut", after: 1 }, gets: "the next", calls: 1 },
  },
  onlyStreams(
    "a cut after the first words",
    { kind: "cut", after: 2 },
    { breaks: "upstream_invalid_response" },
  ),
  {
    what: "a cut in the middle",
    whole: { fault: { kind: "cut", after: 1 }, gets: "the next", calls: 1 },
    streamed: { fault: { kind: "cut", after: 3 }, gets: { breaks: "upstream_invalid_response" }, calls: 1 },
  },
  onlyStreams(
    "a cut before the finish_reason",
    { kind: "cut", after: 4 },
    { breaks: "upstream_invalid_response" },
  ),
  onlyStreams("a cut before [DONE]", { kind: "cut", after: 6 }, "its answer"),
  onlyStreams("an error event before the first words", { kind: "error-event", after: 1 }, "the next", 3),
  onlyStreams(
    "an error event in the middle",
    { kind: "error-event", after: 3 },
    { breaks: "upstream_error" },
  ),
];
