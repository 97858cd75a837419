import type { Release } from "../domain/config/release.ts";
import type { JobServices } from "../flows/jobs/job-services.ts";
import type { Webhooks } from "../flows/webhooks/webhook-services.ts";
import type { FindKey } from "../platform/key-store.ts";

/** What the handlers are given: the flows' services, and what only the edge needs. */
export interface Gateway {
  /** The config in force when the request came. */
  readonly release: Release;
  readonly services: JobServices;
  readonly webhooks: Webhooks;
  readonly findKey: FindKey;
  /** Whether storage answers. */
  readonly probeStorage: () => Promise<boolean>;
}
