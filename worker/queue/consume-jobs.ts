import type { Delivery, Verdict } from "../flows/run-delivery.ts";
import { runDelivery } from "../flows/run-delivery.ts";
import type { JobServices } from "../flows/job-services.ts";
import { limitCalls } from "../platform/limit-calls.ts";
import { readJobMessage } from "./read-job-message.ts";

/** Of one delivery; what is answered from a cache or inside the Worker need not wait for the rest. */
const JOBS_AT_ONCE = 32;
/**
 * The platform lets six connections of an invocation wait for their headers; a seventh waits inside it,
 * with its time-out running. So no more calls are made at once, and one connection is left for the rest.
 * More jobs are run by more consumers, which the platform starts as the queue grows.
 */
const CALLS_AT_ONCE = 5;
/** Of the 15 minutes that the platform gives a delivery. */
const DELIVERY_MS = 14 * 60_000;
/** The queue's longest delay. */
const MAX_DELAY_SECONDS = 12 * 3600;

/**
 * Runs the jobs of one delivery. Each message is acknowledged or retried by itself, so that one that
 * fails is no other's trouble; nothing thrown leaves here, for that would redeliver them all.
 */
export async function consumeJobs(
  services: JobServices,
  messages: readonly Message[],
  defer: Delivery["defer"],
): Promise<void> {
  const bounded = { ...services, callProvider: limitCalls(services.callProvider, CALLS_AT_ONCE) };
  const delivery = { deadlineAt: services.now() + DELIVERY_MS, defer };
  const waiting = messages.values();
  const work = async () => {
    for (const message of waiting) await consume(bounded, message, delivery);
  };
  await Promise.all(Array.from({ length: Math.min(JOBS_AT_ONCE, messages.length) }, work));
}

async function consume(services: JobServices, message: Message, delivery: Delivery): Promise<void> {
  const id = readJobMessage(message, services);
  if (id === undefined) return message.ack();
  settle(message, await deliver(services, { id, deliveries: message.attempts }, delivery));
}

async function deliver(
  services: JobServices,
  { id, deliveries }: { id: string; deliveries: number },
  delivery: Delivery,
): Promise<Verdict> {
  if (services.now() >= delivery.deadlineAt) return { kind: "retry", delayMs: 0 };
  try {
    return await runDelivery(services, id, delivery);
  } catch (error) {
    services.log.warn("job_delivery_failed", { job: id, error });
    const backoff = Math.min(300_000, 1000 * 2 ** Math.min(deliveries, 10));
    return { kind: "retry", delayMs: services.random() * backoff };
  }
}

function settle(message: Message, verdict: Verdict): void {
  if (verdict.kind === "ack") return message.ack();
  const seconds = Math.ceil(Math.max(0, verdict.delayMs) / 1000);
  message.retry({ delaySeconds: Math.min(seconds, MAX_DELAY_SECONDS) });
}
