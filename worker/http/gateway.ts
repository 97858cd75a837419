import type { Config } from "../contract/config/config.ts";
import type { JobServices } from "../flows/jobs/job-services.ts";
import type { Webhooks } from "../flows/webhooks/webhook-services.ts";
import type { FindKey } from "../platform/key-store.ts";

/** What the handlers are given: the flows' services, and what only the edge needs. */
export interface Gateway {
  readonly config: Config;
  /** Tells one config from another; in every response. */
  readonly configVersion: string;
  readonly services: JobServices;
  readonly webhooks: Webhooks;
  readonly findKey: FindKey;
  /** Whether storage answers. */
  readonly probeStorage: () => Promise<boolean>;
}
