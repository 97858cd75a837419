import { healthObjectName, type ProviderHealthPort } from "../domain/resilience/provider-health-protocol.ts";
import { callObject } from "./call-object.ts";
import { openNamedObject } from "./open-object.ts";

/** Asks the object of a provider and region. Throws ObjectUnavailable where it cannot be reached. */
export type AskHealth = <R>(
  provider: string,
  region: string,
  question: (port: ProviderHealthPort) => Promise<R>,
) => Promise<R>;

export const createAskHealth =
  (namespace: DurableObjectNamespace): AskHealth =>
  (provider, region, question) =>
    callObject(() => openNamedObject(namespace, healthObjectName(provider, region)), question);
