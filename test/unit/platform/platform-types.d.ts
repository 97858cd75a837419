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

interface DurableObjectNamespace {
  get(id: object): object;
  idFromName(name: string): object;
}
