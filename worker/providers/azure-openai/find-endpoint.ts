import type { Connection } from "../../domain/routing/adapter.ts";
import type { ProbeRequest } from "../../domain/routing/provider-kind.ts";

/** Where a deployment's tasks are: the base URL before their paths, and the query behind. */
interface Endpoint {
  readonly connection: Connection;
  readonly query: string;
}

/** Undefined for a name that no deployment can have. */
export type FindEndpoint = (connection: Connection, deployment: string) => Endpoint | undefined;

/**
 * Clients may name deployments themselves, and a dated API has the name in its path: no character in it may
 * change the path.
 */
const DEPLOYMENT = /^[A-Za-z0-9_][\w.-]*$/;

/**
 * The portal shows the addresses of the resource, of its v1 API and of deployments; the first two are
 * accepted.
 */
const API_PATH = /\/openai(\/v1)?$/;

export function createFindEndpoint(apiVersion: string | undefined, dated: boolean): FindEndpoint {
  const query = apiVersion === undefined ? "" : `?api-version=${apiVersion}`;
  return ({ baseUrl, apiKey, headers }, deployment) => {
    if (!DEPLOYMENT.test(deployment)) return undefined;
    const path = dated ? `/openai/deployments/${deployment}` : "/openai/v1";
    const key = apiKey === undefined ? {} : { "api-key": apiKey };
    return {
      query,
      connection: {
        baseUrl: baseUrl.replace(API_PATH, "") + path,
        apiKey: undefined,
        headers: { ...headers, ...key },
      },
    };
  };
}

/** The resource's list of models, which no deployment is asked for. */
export const probeAzure = ({ baseUrl, apiKey, headers }: Connection): ProbeRequest => ({
  url: `${baseUrl.replace(API_PATH, "")}/openai/v1/models`,
  headers: { ...headers, ...(apiKey === undefined ? {} : { "api-key": apiKey }) },
});
