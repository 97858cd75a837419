import type { GatewayError } from "../../contract/errors.ts";
import type { CreateJob } from "../../contract/jobs/create-job-request.ts";
import type { Submission } from "../../domain/jobs/job-protocol.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { parseWebhookUrl } from "../../domain/webhooks/webhook-url.ts";
import type { Webhooks } from "../../flows/webhooks/webhook-services.ts";

/** The webhook of a job, if it has one; fails where webhooks are not set up, or its URL is not allowed. */
export function readWebhook(
  { webhook }: CreateJob,
  webhooks: Webhooks,
): Result<Submission["webhook"], GatewayError> {
  if (webhook === undefined) return ok(null);
  const param = "webhook.url";
  const url = parseWebhookUrl(webhook.url, webhooks);
  if (!url.ok) return err({ code: "invalid_request", param, message: `${param}: ${url.error}` });
  if (webhooks.masters.length === 0) return err(notConfigured(webhooks));
  return ok({ url: url.value, events: webhook.events });
}

/** Names the secret to set. */
export const notConfigured = ({ secretName }: Webhooks): GatewayError => ({
  code: "not_configured",
  message: `Webhooks are signed, and this deployment has no secret for that: set ${secretName}.`,
});
