import type { JobWindowPort } from "../domain/windows/job-window-protocol.ts";
import { openObject, parseObjectId } from "./open-object.ts";
import { pinObjects, type PinOf } from "./pinned-objects.ts";

/** Finds the windows where jobs wait to share calls. */
export interface JobWindows {
  /** The id of the object of a name, for a tenant whose jobs are in it. */
  identify(name: string, tenant: string): string;
  /** By that id; undefined for what this deployment never gave out. */
  find(id: string): JobWindowPort | undefined;
}

export const createJobWindows = (namespace: DurableObjectNamespace, pinOf: PinOf): JobWindows => ({
  identify: (name, tenant) => pinObjects(namespace, pinOf(tenant)).idFromName(name).toString(),
  find(id) {
    const objectId = parseObjectId(namespace, id);
    return objectId && openObject<JobWindowPort>(namespace, objectId);
  },
});
