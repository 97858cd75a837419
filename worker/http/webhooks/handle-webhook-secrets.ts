import type { WebhookSecretList } from "../../contract/webhooks.ts";
import { deriveWebhookSecrets } from "../../domain/webhooks/webhook-signature.ts";
import type { AdmittedHandler } from "../handler.ts";
import { notConfigured } from "../jobs/read-webhook.ts";
import { respondError, respondJson } from "../respond.ts";

/** `GET /v1/webhook-secrets`: what the caller's webhooks are signed with, newest first. */
export const handleWebhookSecrets: AdmittedHandler = async (_request, { caller }, context, { webhooks }) => {
  if (webhooks.masters.length === 0) return respondError(notConfigured(webhooks), context);
  const secrets = await deriveWebhookSecrets(webhooks.masters, caller.tenant);
  const list: WebhookSecretList = { object: "list", data: secrets.map((secret) => ({ secret })) };
  return respondJson(list, { "cache-control": "no-store" });
};
