import type { JobWindowPort } from "../domain/windows/job-window-protocol.ts";

/** Finds the windows where jobs wait to share calls. A stub lasts one call that failed. */
export interface JobWindows {
  /** The id of the object of a name. */
  identify(name: string): string;
  /** By that id; undefined for what this deployment never gave out. */
  find(id: string): JobWindowPort | undefined;
}

export const createJobWindows = (namespace: DurableObjectNamespace): JobWindows => ({
  identify: (name) => namespace.idFromName(name).toString(),
  find(id) {
    try {
      // The class stands outside the Worker's own modules; it implements the port.
      return namespace.get(namespace.idFromString(id)) as unknown as JobWindowPort;
    } catch {
      return undefined;
    }
  },
});
