import * as z from "zod/mini";
import { noticeMessage } from "../contract/webhooks.ts";
import type { Defer } from "../domain/facts/fact.ts";
import { takeTurns } from "../domain/jobs/take-turns.ts";
import { askJob } from "../flows/jobs/job-services.ts";
import { deliverNotice, type DueNotice } from "../flows/webhooks/deliver-notice.ts";
import type { WebhookServices } from "../flows/webhooks/webhook-services.ts";
import { createLimiter } from "../platform/limiter.ts";

/** The platform lets six connections of an invocation wait for their headers; one is left for the rest. */
const CALLS_AT_ONCE = 5;
/**
 * How long a consumer waits for its receivers, so that slow ones do not hold up the messages that come next. Their
 * calls go on for as long as receivers may take, which is less than the platform's 30 s.
 */
const SLICE_MS = 1000;

/** A notice to be delivered, by the message that asked for it. */
interface Delivery {
  readonly message: Message;
  readonly job: string;
  readonly notice: DueNotice;
}

/**
 * Delivers the webhooks of one delivery of messages, in turns of their tenants. A message is acknowledged when its
 * receiver has been called, and retried where it was not its turn or its job's object could not be reached: the
 * object decides when a receiver is called again, and sends another message where it hears of no result. Never
 * throws.
 */
export async function consumeWebhooks(
  services: WebhookServices,
  messages: readonly Message[],
  defer: Defer,
): Promise<void> {
  const opened = await Promise.all(messages.map((message) => open(services, message)));
  const due = opened.filter((each) => each !== undefined);
  const waiting = new Set(takeTurns(Map.groupBy(due, ({ notice }) => notice.tenant).values()));
  const calling = new Set<Delivery>();
  const inTurn = createLimiter(CALLS_AT_ONCE);
  const call = async (delivery: Delivery) => {
    if (!waiting.delete(delivery)) return;
    calling.add(delivery);
    const isReported = await deliver(services, delivery);
    if (!calling.delete(delivery)) return;
    if (isReported) delivery.message.ack();
    else delivery.message.retry();
  };
  const calls = Promise.all([...waiting].map((delivery) => inTurn(() => call(delivery))));
  const over = new AbortController();
  await Promise.race([calls, services.sleep(SLICE_MS, over.signal)]);
  over.abort();
  for (const { message } of waiting) message.retry({ delaySeconds: 0 });
  for (const { message } of calling) message.ack();
  waiting.clear();
  calling.clear();
  defer(calls);
}

/** The notice that a message asks for; undefined where there is none, and the message has been settled. */
async function open(services: WebhookServices, message: Message): Promise<Delivery | undefined> {
  const parsed = z.safeParse(noticeMessage, message.body);
  if (!parsed.success || !services.jobs.find(parsed.data.job)) {
    services.log.warn("webhook_message_unreadable", { message: message.id });
    message.ack();
    return undefined;
  }
  const { job } = parsed.data;
  try {
    const notice = await askJob(services, job, (each) => each.notice());
    if (notice.kind === "due") return { message, job, notice };
    message.ack();
  } catch (error) {
    services.log.warn("webhook_not_opened", { job, error });
    message.retry();
  }
  return undefined;
}

/** Whether the result was reported. */
async function deliver(services: WebhookServices, { job, notice }: Delivery): Promise<boolean> {
  try {
    await deliverNotice(services, job, notice);
    return true;
  } catch (error) {
    services.log.warn("webhook_not_reported", { job, error });
    return false;
  }
}
