import type { Connection, ProviderRequest } from "../../domain/routing/adapter.ts";

/** The connection's headers with the key as a bearer token, where there is one. */
export function authorize({ headers, apiKey }: Connection): Record<string, string> {
  return { ...headers, ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }) };
}

/** A POST of JSON to a path behind the base URL. */
export const postJson = (connection: Connection, path: string, body: object): ProviderRequest => ({
  url: connection.baseUrl + path,
  headers: { ...authorize(connection), "content-type": "application/json" },
  body: JSON.stringify(body),
});
