import type { Config } from "../../contract/config/config.ts";
import type { ReadSetting } from "../routing/connect-provider.ts";

/** Headers that say who pays, as Azure's `api-key`; their values stand in the config itself. */
const CREDENTIAL_HEADER = /auth|key|token|secret|cookie/;

/** The values that must not leave the deployment: every secret that the config names, and such headers. */
export function listSecrets(config: Config, read: ReadSetting): string[] {
  const values = new Set<string>();
  for (const provider of Object.values(config.providers)) {
    const { apiKey, apiKeys = [], headers = {} } = provider as HttpSettings;
    for (const { secret } of apiKey ? [apiKey] : apiKeys) values.add(read(secret) ?? "");
    for (const [name, value] of Object.entries(headers)) if (CREDENTIAL_HEADER.test(name)) values.add(value);
  }
  for (const { secret } of config.webhooks.secrets) values.add(read(secret) ?? "");
  values.add(read("HEADRACE_API_KEY") ?? "");
  return [...values].filter((value) => value !== "");
}

interface HttpSettings {
  readonly apiKey?: { readonly secret: string } | undefined;
  readonly apiKeys?: readonly { readonly secret: string }[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}
