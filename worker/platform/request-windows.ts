import type { WindowPort } from "../domain/windows/request-window-protocol.ts";

/** Finds windows' objects by their names. */
export interface RequestWindows {
  find(name: string): WindowPort;
}

export const createRequestWindows = (namespace: DurableObjectNamespace): RequestWindows => ({
  // The class stands outside the Worker's own modules; it implements the port.
  find: (name) => namespace.get(namespace.idFromName(name)) as unknown as WindowPort,
});
