import type { JobDocument } from "../../contract/jobs/job-document.ts";
import { isEnded } from "../../contract/jobs/job-status.ts";
import type { FoundJob } from "../../domain/jobs/job-protocol.ts";
import { respondJson } from "../respond.ts";
import type { Reply } from "../reply.ts";

/** How soon to ask again about a job that has not ended. */
const ASK_AGAIN_SECONDS = "1";

/** Sends a job as it is now, with its output where that is JSON. */
export function respondJob(view: FoundJob, status: 200 | 202): Reply {
  const { id } = view.document;
  const headers: Record<string, string> = {
    "cache-control": "no-store",
    ...(status === 202 ? { location: `/v1/jobs/${id}` } : {}),
    ...(isEnded(view.document) ? {} : { "retry-after": ASK_AGAIN_SECONDS }),
  };
  return respondJson(writeJob(view), headers, status);
}

const encoder = new TextEncoder();
const NO_OUTPUT = '"output":null';

/**
 * The output is bytes already: they replace the document's null, unparsed. The first match is the right one:
 * what comes before it are strings, in which quotes are escaped.
 */
function writeJob({ document, output }: FoundJob): Uint8Array {
  const written = JSON.stringify(document);
  const at = written.indexOf(NO_OUTPUT) + NO_OUTPUT.length;
  if (!output?.contentType.startsWith("application/json")) return encoder.encode(written);
  const [head, tail] = [encoder.encode(written.slice(0, at - 4)), encoder.encode(written.slice(at))];
  const whole = new Uint8Array(head.byteLength + output.bytes.byteLength + tail.byteLength);
  whole.set(head);
  whole.set(output.bytes, head.byteLength);
  whole.set(tail, head.byteLength + output.bytes.byteLength);
  return whole;
}

/** Sends the bare answer of a job, with what its document tells of how it came about. */
export function respondOutput(document: JobDocument, output: NonNullable<FoundJob["output"]>): Reply {
  const target = document.attempts.at(-1)?.target ?? null;
  return {
    status: 200,
    headers: {
      "cache-control": "no-store",
      "content-type": output.contentType,
      "x-content-type-options": "nosniff",
      "x-headrace-route": document.model,
      "x-headrace-attempts": String(document.attempts.length),
      ...(target === null ? {} : { "x-headrace-target": target }),
    },
    body: output.bytes,
  };
}
