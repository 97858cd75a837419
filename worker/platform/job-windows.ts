import type { JobWindowPort } from "../domain/windows/job-window-protocol.ts";
import { openObject, parseObjectId } from "./open-object.ts";

/** Finds the windows where jobs wait to share calls. */
export interface JobWindows {
  /** The id of the object of a name. */
  identify(name: string): string;
  /** By that id; undefined for what this deployment never gave out. */
  find(id: string): JobWindowPort | undefined;
}

export const createJobWindows = (namespace: DurableObjectNamespace): JobWindows => ({
  identify: (name) => namespace.idFromName(name).toString(),
  find(id) {
    const objectId = parseObjectId(namespace, id);
    return objectId && openObject<JobWindowPort>(namespace, objectId);
  },
});
