import type { WebhookSecretList } from "../../contract/webhooks.ts";
import { deriveWebhookSecrets } from "../../domain/webhooks/webhook-signature.ts";
import { authenticate } from "../../flows/authenticate.ts";
import type { Gateway } from "../gateway.ts";
import { notConfigured } from "../jobs/read-webhook.ts";
import type { RequestContext } from "../request-context.ts";
import { respondError, respondJson } from "../respond.ts";

/** `GET /v1/webhook-secrets`: what the caller's webhooks are signed with, newest first. */
export async function handleWebhookSecrets(
  request: Request,
  context: RequestContext,
  { findKey, services, webhooks }: Gateway,
): Promise<Response> {
  const principal = await authenticate(request.headers, findKey, services.log);
  if (!principal.ok) return respondError(principal.error, context);
  if (webhooks.masters.length === 0) return respondError(notConfigured(webhooks), context);
  const secrets = await deriveWebhookSecrets(webhooks.masters, principal.value.tenant);
  const list: WebhookSecretList = { object: "list", data: secrets.map((secret) => ({ secret })) };
  return respondJson(list, { "cache-control": "no-store" });
}
