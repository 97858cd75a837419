/**
 * Opens an object by the port that it implements; its class stands outside the Worker's own modules. A stub
 * lasts until a call of it fails: open another then.
 */
export const openObject = <Port>(
  namespace: DurableObjectNamespace,
  id: DurableObjectId,
): Port & Pick<DurableObjectStub, "fetch"> =>
  namespace.get(id) as unknown as Port & Pick<DurableObjectStub, "fetch">;

/** The same by its name, whether or not anything is stored there yet. */
export const openNamedObject = <Port>(namespace: DurableObjectNamespace, name: string) =>
  openObject<Port>(namespace, namespace.idFromName(name));

/** An object's id from its 64 hex digits; undefined for what this deployment never gave out. */
export function parseObjectId(namespace: DurableObjectNamespace, hex: string): DurableObjectId | undefined {
  try {
    return namespace.idFromString(hex);
  } catch {
    return undefined;
  }
}
