import * as z from "zod/mini";
import { cors } from "./cors.ts";
import { limits } from "./limits.ts";
import { type GivenKind, providerSchemaOf } from "./providers.ts";
import { alias, name } from "./references.ts";
import { region, tenant } from "./regions.ts";
import { routeSchema } from "./routes.ts";
import { webhooks } from "./webhooks.ts";

/** The schema of `headrace.config.ts`, where these kinds of provider come on top of those built in. */
export const configSchemaOf = (kinds: readonly GivenKind[]) =>
  z.strictObject({
    providers: z.record(name, providerSchemaOf(kinds)),
    routes: z.record(name, routeSchema),
    /** Other names for routes, as clients may have them: `{ "gpt-4": "chat" }`. */
    aliases: z._default(z.record(alias, name), {}),
    regions: z._default(z.record(name, region), {}),
    tenants: z._default(z.record(name, tenant), {}),
    cors,
    limits,
    webhooks,
  });

type ConfigSchema = ReturnType<typeof configSchemaOf>;
/** What `headrace.config.ts` says. */
export type ConfigInput = z.input<ConfigSchema>;
/** The same with every default filled in. */
export type Config = z.output<ConfigSchema>;
export type ProviderConfig = Config["providers"][string];

export { secret, type SecretReference, variable, type VariableReference } from "./references.ts";
export type { RegionConfig } from "./regions.ts";
export type { CacheConfig, RouteConfig } from "./routes.ts";
export type { TargetConfig } from "./targets.ts";
export type { JobWindowConfig, RequestWindowConfig } from "./windows.ts";

/** Types the config for the editor; it is checked once, when the Worker starts. */
export const defineConfig = (config: ConfigInput): ConfigInput => config;
