import type { WindowPort } from "../domain/windows/request-window-protocol.ts";
import { openNamedObject } from "./open-object.ts";

/** Finds windows' objects by their names. */
export interface RequestWindows {
  find(name: string): WindowPort;
}

export const createRequestWindows = (namespace: DurableObjectNamespace): RequestWindows => ({
  find: (name) => openNamedObject<WindowPort>(namespace, name),
});
