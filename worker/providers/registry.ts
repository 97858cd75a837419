import { TASKS } from "../contract/requests.ts";
import type { ProviderAdapter } from "../domain/adapter.ts";
import type { Registry } from "../domain/catalog.ts";
import type { Capabilities } from "../domain/parse-config.ts";
import { embedded } from "./embedded/adapter.ts";
import { openai } from "./openai/adapter.ts";

/** Every provider there is. A new one is a folder, a line here and recorded answers for its tests. */
export const registry: Registry = { embedded, openai };

const offered = (adapter: ProviderAdapter) => TASKS.filter((task) => adapter[task]);

/** The tasks each provider offers, as the matrix has them. */
export const capabilities: Capabilities = { embedded: offered(embedded), openai: offered(openai) };
