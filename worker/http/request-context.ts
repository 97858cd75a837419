import { checkUntilWrong } from "../contract/check-until-wrong.ts";
import type { GatewayError } from "../contract/errors.ts";
import { jobMetadata } from "../contract/jobs/job-metadata.ts";
import { priority, type Priority } from "../contract/priority.ts";
import { parseJson } from "../domain/requests/parse-json.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { Caller } from "../flows/caller.ts";

/** What every handler knows of the request it answers, besides the request itself. */
export interface RequestContext {
  readonly requestId: string;
  readonly startedAt: number;
  /** Milliseconds by stage, as `Server-Timing` tells them. */
  readonly timing: Map<string, number>;
  readonly defer: (work: Promise<unknown>) => void;
  readonly now: () => number;
  /**
   * Has the platform go on with the request when its client has left, for the sake of what is accounted for.
   * Called before anything is begun that costs; an answer that is there needs none of it.
   */
  readonly outlive: () => void;
  /** Who asks, once that is known. */
  caller: Caller | undefined;
  /** What the client was refused with, where it was. */
  refusal: GatewayError | undefined;
}

interface OpenedWith extends Pick<RequestContext, "now" | "defer" | "outlive"> {
  readonly nextId: () => string;
}

/** Opens the context of a request, with the client's own request id where it is usable. */
export function openContext(request: Request, { nextId, now, defer, outlive }: OpenedWith): RequestContext {
  const given = request.headers.get("x-request-id");
  const usable = given !== null && /^[\x21-\x7e]{1,128}$/.test(given);
  return {
    requestId: usable ? given : nextId(),
    startedAt: now(),
    timing: new Map(),
    defer,
    now,
    outlive,
    caller: undefined,
    refusal: undefined,
  };
}

const MAX_TIMEOUT_MS = 900_000;

/** Reads `x-headrace-timeout-ms`: when, in milliseconds since the epoch, the whole request must end. */
export function readDeadline(headers: Headers, now: number): Result<number, GatewayError> {
  const header = headers.get("x-headrace-timeout-ms");
  if (header === null) return ok(now + MAX_TIMEOUT_MS);
  const timeoutMs = /^\d{1,6}$/.test(header) ? Number(header) : 0;
  if (timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS) return ok(now + timeoutMs);
  const message = `x-headrace-timeout-ms: expected a whole number from 1 to ${MAX_TIMEOUT_MS}`;
  return err({ code: "invalid_request", param: "x-headrace-timeout-ms", message });
}

/** Reads `x-headrace-priority`: how much the request hurries; undefined where it does not say. */
export function readPriority(headers: Headers): Result<Priority | undefined, GatewayError> {
  const header = headers.get("x-headrace-priority");
  if (header === null) return ok(undefined);
  const read = priority.safeParse(header);
  if (read.success) return ok(read.data);
  const message = `x-headrace-priority: expected one of ${priority.options.join(", ")}`;
  return err({ code: "invalid_request", param: "x-headrace-priority", message });
}

/** Reads `x-headrace-metadata`: a JSON object of at most 16 strings, which is noted with what was used. */
export function readMetadata(headers: Headers): Result<Record<string, string> | undefined, GatewayError> {
  const header = headers.get("x-headrace-metadata");
  if (header === null) return ok(undefined);
  const json = parseJson(header);
  const metadata = checkUntilWrong(jobMetadata, json.ok ? json.value : undefined);
  if (metadata.success) return ok(metadata.data);
  const message = "x-headrace-metadata: expected a JSON object of at most 16 short strings";
  return err({ code: "invalid_request", param: "x-headrace-metadata", message });
}

/** The W3C trace a client is in, where it is well-formed: https://www.w3.org/TR/trace-context/ */
export function readTraceparent(headers: Headers): string | undefined {
  const header = headers.get("traceparent");
  return header !== null && /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(header)
    ? header
    : undefined;
}
