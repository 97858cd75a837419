import { ODDITIES } from "../contract/config/oddities.ts";
import { NO_PRESET, type Preset, type PresetName, PRESETS } from "../contract/config/presets.ts";
import type { BuiltInKinds, ProviderKind, Registry } from "../domain/routing/provider-kind.ts";
import { withFunctions } from "../dialects/functions/with-functions.ts";
import { ANTHROPIC_BASE_URL, createAnthropic } from "./anthropic/adapter.ts";
import { createAzureOpenai } from "./azure-openai/adapter.ts";
import { createGoogle, GOOGLE_BASE_URL } from "./google/adapter.ts";
import { createHttp } from "./http/adapter.ts";
import { createOpenai } from "./openai/adapter.ts";
import { withDialects } from "./with-dialects.ts";
import { workersAi } from "./workers-ai/adapter.ts";

/**
 * The kinds that every deployment has. A new kind is a folder, a line here and recorded answers for its
 * tests.
 */
const builtIn: BuiltInKinds = {
  openai: {
    adapter({ preset, streamOptions }) {
      const odd = { ...findPreset(preset), ...(streamOptions === false ? { streamOptions } : {}) };
      // Only OpenAI itself still knows functions.
      return preset === "openai" ? createOpenai(odd) : withFunctions(createOpenai(odd));
    },
    baseUrl: ({ preset }) => findPreset(preset).baseUrl,
    clientHeaders: ({ preset }) => findPreset(preset).clientHeaders,
  },
  http: { adapter: ({ tasks }) => createHttp(tasks) },
  // The address that price lists know the models by; calls go through the binding.
  "workers-ai": {
    adapter: () => withFunctions(workersAi),
    binding: "AI",
    baseUrl: () => "https://api.cloudflare.com/client/v4/accounts/-/ai",
  },
  anthropic: {
    adapter: () => withFunctions(createAnthropic(Date.now)),
    baseUrl: () => ANTHROPIC_BASE_URL,
    clientHeaders: () => ODDITIES.anthropic.clientHeaders,
  },
  google: { adapter: () => withFunctions(createGoogle(Date.now)), baseUrl: () => GOOGLE_BASE_URL },
  "azure-openai": {
    adapter: ({ apiVersion }) => createAzureOpenai(apiVersion),
    clientHeaders: () => ODDITIES["azure-openai"].clientHeaders,
  },
};

function findPreset(name: PresetName | undefined): Preset {
  return name ? PRESETS[name] : NO_PRESET;
}

/**
 * Every kind of provider of a deployment: those built in, and those given, which replace built-in ones of the
 * same name. Dialects of chat are added to every kind that has chat.
 */
export function buildRegistry(given: Registry): Registry {
  const kinds = Object.entries<ProviderKind>({ ...builtIn, ...given });
  return Object.fromEntries(kinds.map(([name, kind]) => [name, addDialects(kind)]));
}

function addDialects(kind: ProviderKind): ProviderKind {
  if (kind.runsIn === "worker") return kind;
  return { ...kind, adapter: (config) => withDialects(kind.adapter(config)) };
}
