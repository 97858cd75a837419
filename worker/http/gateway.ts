import type { Config } from "../contract/config/config.ts";
import type { Release } from "../domain/config/release.ts";
import type { JobServices } from "../flows/jobs/job-services.ts";
import type { Webhooks } from "../flows/webhooks/webhook-services.ts";
import type { FindKey } from "../platform/key-store.ts";

/** What the handlers of one request are given: its release, the flows' services, and what only the edge needs. */
export interface Gateway {
  readonly release: Release;
  /** The release's. */
  readonly config: Config;
  readonly services: JobServices;
  readonly webhooks: Webhooks;
  readonly findKey: FindKey;
  /** Whether storage answers. */
  readonly probeStorage: () => Promise<boolean>;
}
