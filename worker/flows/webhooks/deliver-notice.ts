import type { NoticeReply, NoticeReport } from "../../domain/webhooks/job-notice.ts";
import { buildNoticeId } from "../../domain/webhooks/webhook-payload.ts";
import { webhookDelayMs } from "../../domain/webhooks/webhook-schedule.ts";
import { deriveWebhookSecrets, signDelivery } from "../../domain/webhooks/webhook-signature.ts";
import { parseWebhookUrl } from "../../domain/webhooks/webhook-url.ts";
import type { WebhookAnswer } from "../../platform/call-webhook.ts";
import { askJob } from "../jobs/job-services.ts";
import type { WebhookServices } from "./webhook-services.ts";

export type DueNotice = Extract<NoticeReply, { kind: "due" }>;

/**
 * Makes one delivery of a job's notice: checks the URL again (the config may have changed), signs, calls, and
 * reports the result to the job's object. The object sends the message for the next delivery, if there is to be
 * one. Throws where the object cannot be reached; when this is called again, the notice has the same `webhook-id`.
 */
export async function deliverNotice(
  services: WebhookServices,
  jobId: string,
  notice: DueNotice,
): Promise<void> {
  const { report, why } = await attemptDelivery(services, jobId, notice);
  await askJob(services, jobId, (job) =>
    job.reportNotice({ createdAt: notice.createdAt, attempt: notice.attempt }, report),
  );
  services.log.info("webhook", { job: jobId, attempt: notice.attempt, ...report, why });
}

interface Attempt {
  readonly report: NoticeReport;
  /** For the log. */
  readonly why: string;
}

async function attemptDelivery(
  services: WebhookServices,
  jobId: string,
  notice: DueNotice,
): Promise<Attempt> {
  const { tenant, attempt } = notice;
  const { webhooks } = services;
  const url = parseWebhookUrl(notice.url, webhooks);
  if (!url.ok) {
    const report = { kind: "failed" as const, retryAfterMs: null };
    return { report, why: `the URL is not allowed: ${url.error}` };
  }
  if (await webhooks.disabled.has(tenant, url.value)) {
    return { report: { kind: "disabled" }, why: "the receiver has said 410 before" };
  }
  const answer = await call(services, jobId, { ...notice, url: url.value });
  const report = judgeAnswer(answer, attempt, services.random());
  if (report.kind === "disabled") await webhooks.disabled.add(tenant, url.value);
  return { report, why: answer.kind === "answered" ? `status ${answer.status}` : answer.reason };
}

async function call(
  { webhooks, now }: WebhookServices,
  jobId: string,
  { tenant, url, payload }: DueNotice,
): Promise<WebhookAnswer> {
  const secrets = await deriveWebhookSecrets(webhooks.masters, tenant);
  if (secrets.length === 0) return { kind: "unanswered", reason: `${webhooks.secretName} is not set` };
  const sentAtSeconds = Math.floor(now() / 1000);
  const signed = await signDelivery(secrets, { id: buildNoticeId(jobId, payload), sentAtSeconds, payload });
  const headers = { ...signed, "content-type": "application/json", "user-agent": "headrace-webhooks" };
  return webhooks.call({ url, headers, body: payload });
}

/** 2xx is a delivery, 410 ends them for a day; all else, redirects too, is tried again by the schedule. */
function judgeAnswer(answer: WebhookAnswer, attempt: number, roll: number): NoticeReport {
  if (answer.kind === "unanswered") {
    return { kind: "failed", retryAfterMs: webhookDelayMs(attempt, roll) };
  }
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (status === 410) return { kind: "disabled" };
  return { kind: "failed", retryAfterMs: webhookDelayMs(attempt, roll, retryAfterMs) };
}
