import { decodeJobId, encodeJobId, type IdempotencyKey, jobObjectName } from "../domain/jobs/job-id.ts";
import type { JobPort } from "../domain/jobs/job-protocol.ts";

/** A job's object, and the name it goes by on the wire. */
export interface NamedJob {
  readonly id: string;
  readonly job: JobPort;
  /** Asks for a WebSocket with its events; the headers say for whom, and after which event. */
  connect(headers: Readonly<Record<string, string>>): Promise<Response>;
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
  const open = (objectId: DurableObjectId): NamedJob => {
    const stub = namespace.get(objectId);
    return {
      id: encodeJobId(objectId.toString()),
      // The class stands outside the Worker's own modules; it implements the port.
      job: stub as unknown as JobPort,
      connect: (headers) => stub.fetch("https://job/events", { headers }),
    };
  };
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
