import { decodeJobId, encodeJobId, type IdempotencyKey, jobObjectName } from "../domain/jobs/job-id.ts";
import type { JobPort } from "../domain/jobs/job-protocol.ts";
import { openObject, parseObjectId } from "./open-object.ts";
import { pinObjects, type PinOf } from "./pinned-objects.ts";

/** A job's object, and the name it goes by on the wire. */
export interface NamedJob {
  readonly id: string;
  readonly job: JobPort;
  /** Asks for a WebSocket with its events; the headers say for whom, and after which event. */
  connect(headers: Readonly<Record<string, string>>): Promise<Response>;
}

/** Finds jobs' objects. */
export interface JobObjects {
  /** The job of a key, whether or not it exists yet: the same object for every caller. */
  keyed(tenant: string, key: IdempotencyKey): NamedJob;
  /** A new job, without a key. */
  fresh(tenant: string): NamedJob;
  /** By the wire id; undefined for what this deployment never gave out. */
  find(jobId: string): NamedJob | undefined;
}

export function createJobObjects(namespace: DurableObjectNamespace, pinOf: PinOf): JobObjects {
  const open = (objectId: DurableObjectId): NamedJob => {
    const job = openObject<JobPort>(namespace, objectId);
    return {
      id: encodeJobId(objectId.toString()),
      job,
      connect: (headers) => job.fetch("https://job/events", { headers }),
    };
  };
  return {
    keyed: (tenant, key) => open(pinObjects(namespace, pinOf(tenant)).idFromName(jobObjectName(tenant, key))),
    fresh: (tenant) => open(pinObjects(namespace, pinOf(tenant)).newUniqueId()),
    find(jobId) {
      const objectId = parseObjectId(namespace, decodeJobId(jobId) ?? "");
      return objectId && open(objectId);
    },
  };
}
