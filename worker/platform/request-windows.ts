import type { WindowPort } from "../domain/windows/request-window-protocol.ts";
import { openNamedObject } from "./open-object.ts";
import { pinObjects, type PinOf } from "./pinned-objects.ts";

/** Finds windows' objects by their names, for a tenant whose requests are in it. */
export interface RequestWindows {
  find(name: string, tenant: string): WindowPort;
}

export const createRequestWindows = (namespace: DurableObjectNamespace, pinOf: PinOf): RequestWindows => ({
  find: (name, tenant) => openNamedObject<WindowPort>(pinObjects(namespace, pinOf(tenant)), name),
});
