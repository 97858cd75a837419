import { decodeJobId, encodeJobId, type IdempotencyKey, jobObjectName } from "../domain/job-id.ts";
import type { JobPort } from "../domain/job-protocol.ts";

/** A job's object, and the name it goes by on the wire. */
export interface NamedJob {
  readonly id: string;
  readonly job: JobPort;
}

/** Finds jobs' objects. A stub lasts one call that failed: ask again for a fresh one. */
export interface JobObjects {
  /** The job of a key, whether or not there is one yet: the same for everyone who asks. */
  keyed(tenant: string, key: IdempotencyKey): NamedJob;
  /** A job of its own. */
  fresh(): NamedJob;
  /** By the wire id; undefined for what this deployment never gave out. */
  find(jobId: string): NamedJob | undefined;
}

export function createJobObjects(namespace: DurableObjectNamespace): JobObjects {
  const open = (objectId: DurableObjectId): NamedJob => ({
    id: encodeJobId(objectId.toString()),
    // The class stands outside the Worker's own modules; it implements the port.
    job: namespace.get(objectId) as unknown as JobPort,
  });
  return {
    keyed: (tenant, key) => open(namespace.idFromName(jobObjectName(tenant, key))),
    fresh: () => open(namespace.newUniqueId()),
    find(jobId) {
      const objectId = decodeJobId(jobId);
      if (objectId === undefined) return undefined;
      try {
        return open(namespace.idFromString(objectId));
      } catch {
        return undefined;
      }
    },
  };
}
