import type { CallWebhook } from "../../platform/call-webhook.ts";
import type { DisabledWebhooks } from "../../platform/disabled-webhooks.ts";
import type { JobServices } from "../jobs/job-services.ts";

/** What the deployment decides about webhooks, and what delivering them takes. */
export interface Webhooks {
  /** The deployment's secrets that are set, newest first; with none there are no webhooks. */
  readonly masters: readonly string[];
  /** What to set where none is. */
  readonly secretName: string;
  /** Whether http and this machine and its network may be called. */
  readonly development: boolean;
  readonly call: CallWebhook;
  readonly disabled: DisabledWebhooks;
}

export interface WebhookServices extends JobServices {
  readonly webhooks: Webhooks;
}
