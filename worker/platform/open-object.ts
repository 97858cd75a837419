/** An object as its callers see it: the port that its class implements, and its HTTP. */
type Opened<Port> = Port & Pick<ReturnType<DurableObjectNamespace["get"]>, "fetch">;

/**
 * Opens an object, whose class is outside of the Worker's modules. The stub is good until a call of it fails.
 */
export const openObject = <Port>(namespace: DurableObjectNamespace, id: DurableObjectId): Opened<Port> =>
  namespace.get(id) as unknown as Opened<Port>;

/** The same by its name, whether or not anything is stored there yet. */
export const openNamedObject = <Port>(namespace: DurableObjectNamespace, name: string): Opened<Port> =>
  openObject<Port>(namespace, namespace.idFromName(name));

/** An object's id from its 64 hex digits; undefined for what this deployment never gave out. */
export function parseObjectId(namespace: DurableObjectNamespace, hex: string): DurableObjectId | undefined {
  try {
    return namespace.idFromString(hex);
  } catch {
    return undefined;
  }
}
