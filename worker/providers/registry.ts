import { PRESETS } from "../contract/config/presets.ts";
import type { Registry } from "../domain/routing/catalog.ts";
import { ANTHROPIC_BASE_URL, createAnthropic } from "./anthropic/adapter.ts";
import { createAzureOpenai } from "./azure-openai/adapter.ts";
import { embedded } from "./embedded/adapter.ts";
import { createGoogle, GOOGLE_BASE_URL } from "./google/adapter.ts";
import { createHttp } from "./http/adapter.ts";
import { createOpenai } from "./openai/adapter.ts";
import { workersAi } from "./workers-ai/adapter.ts";

/** Every kind of provider. A new one is a folder, a line here and recorded answers for its tests. */
export const registry: Registry = {
  embedded: { adapter: () => embedded },
  openai: {
    adapter: ({ preset }) => createOpenai(preset ? PRESETS[preset] : {}),
    baseUrl: ({ preset }) => preset && PRESETS[preset].baseUrl,
  },
  http: { adapter: ({ tasks }) => createHttp(tasks) },
  // The address that price lists know the models by; calls go through the binding.
  "workers-ai": {
    adapter: () => workersAi,
    binding: "AI",
    baseUrl: () => "https://api.cloudflare.com/client/v4/accounts/-/ai",
  },
  anthropic: { adapter: () => createAnthropic(Date.now), baseUrl: () => ANTHROPIC_BASE_URL },
  google: { adapter: () => createGoogle(Date.now), baseUrl: () => GOOGLE_BASE_URL },
  "azure-openai": { adapter: ({ apiVersion }) => createAzureOpenai(apiVersion) },
};
