import * as z from "zod/mini";
import { noticeMessage } from "../contract/webhooks.ts";
import { deliverWebhook } from "../flows/webhooks/deliver-webhook.ts";
import type { WebhookServices } from "../flows/webhooks/webhook-services.ts";
import { createLimiter } from "../platform/limiter.ts";

/** The platform lets six connections of an invocation wait for their headers; one is left for the rest. */
const CALLS_AT_ONCE = 5;

/**
 * Delivers the webhooks of one delivery of messages. A message is acknowledged once the result is reported to
 * the job's object, and retried only where that cannot be reached: the object decides when a receiver is
 * called again. Never throws.
 */
export async function consumeWebhooks(
  services: WebhookServices,
  messages: readonly Message[],
): Promise<void> {
  const inTurn = createLimiter(CALLS_AT_ONCE);
  await Promise.all(messages.map((message) => inTurn(() => consume(services, message))));
}

async function consume(services: WebhookServices, message: Message): Promise<void> {
  const parsed = z.safeParse(noticeMessage, message.body);
  if (!parsed.success || !services.jobs.find(parsed.data.job)) {
    services.log.warn("webhook_message_unreadable", { message: message.id });
    return message.ack();
  }
  const { job } = parsed.data;
  try {
    await deliverWebhook(services, job);
    message.ack();
  } catch (error) {
    services.log.warn("webhook_not_reported", { job, error });
    message.retry();
  }
}
