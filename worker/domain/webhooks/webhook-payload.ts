import type { JobDocument } from "../../contract/jobs/job-document.ts";
import { type WebhookPayload, webhookPayload } from "../../contract/webhooks.ts";

/** Receivers reject what is larger; 16 pairs of metadata can be. */
const MAX_PAYLOAD_BYTES = 20 * 1024;

/** What a job's end is called: `job.succeeded`, and so on; undefined while it has not ended. */
export function noticeTypeOf({ status }: Pick<JobDocument, "status">): WebhookPayload["type"] | undefined {
  return webhookPayload.shape.type.options.find((type) => type === `job.${status}`);
}

/**
 * The JSON text that a job's webhook is sent, of at most 20 KB: no output and no message, and no metadata
 * where that is what makes it too large. Undefined for a job that has not ended.
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
 * The `webhook-id` of a notice, by which receivers tell a repeat: of one job and event there is one,
 * whichever delivery it is. It holds no full stop, for that parts what is signed.
 */
export function buildNoticeId(jobId: string, payload: string): string {
  const { type } = JSON.parse(payload) as WebhookPayload;
  return `msg_${jobId.slice("job_".length)}_${type.slice("job.".length)}`;
}
