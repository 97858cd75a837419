import type { GatewayError } from "../../contract/errors.ts";
import type { CreateJob } from "../../contract/jobs/create-job-request.ts";
import type { Submission } from "../../domain/jobs/job-protocol.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { parseWebhookUrl } from "../../domain/webhooks/webhook-url.ts";
import type { Webhooks } from "../../flows/webhooks/webhook-services.ts";

/** Whom a job's end is to be told to, where anybody; refused where it could not be told, or should not. */
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
