import { JOB_ID } from "../../contract/jobs/job-id.ts";

/**
 * How a job is named. The wire id is the object's own id in a shorter spelling, so that it leads to the object
 * without a look-up; it is no secret: the object compares the caller's tenant with its own.
 */

/** A key that the client sent, or one derived from the request's content; the two kinds never collide. */
export interface IdempotencyKey {
  readonly source: "client" | "content";
  /** 1-255 printable ASCII characters. */
  readonly key: string;
}

/** The name of a keyed job's object; unique, for tenants' names and keys have no line breaks. */
export const jobObjectName = (tenant: string, { source, key }: IdempotencyKey): string =>
  `${tenant}\n${source}\n${key}`;

/** Takes an object's id, 64 hex digits; gives `job_` and 43 characters. */
export function encodeJobId(objectId: string): string {
  let bytes = "";
  for (let at = 0; at < objectId.length; at += 2) {
    bytes += String.fromCharCode(Number.parseInt(objectId.slice(at, at + 2), 16));
  }
  return `job_${btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

/** The object's id, 64 hex digits; undefined for anything but the one spelling that `encodeJobId` gives. */
export function decodeJobId(jobId: string): string | undefined {
  if (!JOB_ID.test(jobId)) return undefined;
  const bytes = atob(jobId.slice(4).replaceAll("-", "+").replaceAll("_", "/"));
  let hex = "";
  for (let at = 0; at < bytes.length; at++) hex += bytes.charCodeAt(at).toString(16).padStart(2, "0");
  return encodeJobId(hex) === jobId ? hex : undefined;
}
