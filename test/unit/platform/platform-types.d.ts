/** As much of the platform's types as the modules under test name, where they are checked for Node. */
interface KVNamespace {
  get(key: string): Promise<string | null>;
  getWithMetadata(
    key: string,
    type: "arrayBuffer",
  ): Promise<{ readonly value: ArrayBuffer | null; readonly metadata: unknown }>;
  put(
    key: string,
    value: Uint8Array,
    options: { readonly metadata: unknown; readonly expirationTtl: number },
  ): Promise<void>;
}

interface DurableObjectId {
  toString(): string;
}

interface DurableObjectNamespace {
  jurisdiction(jurisdiction: DurableObjectJurisdiction): DurableObjectNamespace;
  get(id: DurableObjectId): {
    fetch(url: string, init: { readonly headers: Readonly<Record<string, string>> }): Promise<Response>;
  };
  idFromName(name: string): DurableObjectId;
  idFromString(id: string): DurableObjectId;
  newUniqueId(): DurableObjectId;
}

type DurableObjectJurisdiction = "eu" | "fedramp";
