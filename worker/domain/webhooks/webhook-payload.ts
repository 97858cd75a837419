import type { JobDocument } from "../../contract/jobs/job-document.ts";
import { type WebhookPayload, webhookPayload } from "../../contract/webhooks.ts";

/** Receivers reject larger notices, and 16 pairs of metadata can make one larger. */
const MAX_PAYLOAD_BYTES = 20 * 1024;

/** The notice's type for a job's end, such as `job.succeeded`; undefined while the job has not ended. */
export function noticeTypeOf({ status }: Pick<JobDocument, "status">): WebhookPayload["type"] | undefined {
  return webhookPayload.shape.type.options.find((type) => type === `job.${status}`);
}

/**
 * The JSON text of a job's notice, at most 20 KB: without output and error message, and without metadata
 * where that would make it too large. Undefined for a job that has not ended.
 */
export function buildNoticePayload(document: JobDocument): string | undefined {
  const type = noticeTypeOf(document);
  const { id, status, task, model, metadata, created_at, ended_at, error } = document;
  if (type === undefined || ended_at === null) return undefined;
  const data = { id, status, task, model, metadata, created_at, ended_at, error: error?.code ?? null };
  const whole = JSON.stringify({ type, timestamp: ended_at, data } satisfies WebhookPayload);
  if (new TextEncoder().encode(whole).byteLength <= MAX_PAYLOAD_BYTES) return whole;
  const thinner = { type, timestamp: ended_at, data: { ...data, metadata: null } } satisfies WebhookPayload;
  return JSON.stringify(thinner);
}

/**
 * The `webhook-id` of a notice, by which receivers recognise a repeat: it is the same in every delivery of
 * one job's event. It has no full stop, for that separates what is signed.
 */
export function buildNoticeId(jobId: string, payload: string): string {
  const { type } = JSON.parse(payload) as WebhookPayload;
  return `msg_${jobId.slice("job_".length)}_${type.slice("job.".length)}`;
}
