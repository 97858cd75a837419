import type { ArrivingBodies } from "../domain/requests/arriving-bodies.ts";
import type { Release } from "../domain/config/release.ts";
import type { JobServices } from "../flows/jobs/job-services.ts";
import type { Webhooks } from "../flows/webhooks/webhook-services.ts";
import type { InferenceCall } from "../flows/call.ts";
import type { KnownRequests } from "../platform/known-requests.ts";
import type { FindKey } from "../platform/key-store.ts";
import type { ReadProbes } from "../platform/probe-reports.ts";
import type { TargetTroubles } from "../platform/target-troubles.ts";

/** What the handlers are given: the flows' services, and what only the edge needs. */
export interface Gateway {
  /** The config in force when the request came. */
  readonly release: Release;
  readonly services: JobServices;
  readonly webhooks: Webhooks;
  /** Requests whose answers are near, so that they need not be read and hashed again. */
  readonly knownRequests: KnownRequests<InferenceCall["body"]>;
  /** What the isolate holds of bodies that still arrive. */
  readonly arriving: ArrivingBodies;
  readonly findKey: FindKey;
  /** Which targets the deployment has set up wrongly, as far as calls have shown. */
  readonly troubles: Pick<TargetTroubles, "of">;
  /** The latest probes of providers. */
  readonly readProbes: ReadProbes;
  /** Whether storage answers. */
  readonly probeStorage: () => Promise<boolean>;
}
