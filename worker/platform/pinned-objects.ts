/** The jurisdiction that a tenant's objects are kept in; undefined where they may be anywhere. */
export type PinOf = (tenant: string) => string | undefined;

/** The objects of a class within a jurisdiction; throws on the local platform, which has none. */
export const pinObjects = (
  namespace: DurableObjectNamespace,
  jurisdiction: string | undefined,
): DurableObjectNamespace =>
  jurisdiction === undefined ? namespace : namespace.jurisdiction(jurisdiction as DurableObjectJurisdiction);
