import { ODDITIES } from "../contract/config/oddities.ts";
import { NO_PRESET, type Preset, type PresetName, PRESETS } from "../contract/config/presets.ts";
import type { Connection } from "../domain/routing/adapter.ts";
import type { BuiltInKinds, ProbeRequest, ProviderKind, Registry } from "../domain/routing/provider-kind.ts";
import { withFunctions } from "../dialects/functions/with-functions.ts";
import { ANTHROPIC_BASE_URL, createAnthropic, introduce } from "./anthropic/adapter.ts";
import { createAzureOpenai } from "./azure-openai/adapter.ts";
import { probeAzure } from "./azure-openai/find-endpoint.ts";
import { createGoogle, GOOGLE_BASE_URL } from "./google/adapter.ts";
import { sign } from "./google/build-request.ts";
import { createHttp } from "./http/adapter.ts";
import { createOpenai } from "./openai/adapter.ts";
import { authorize } from "./openai/post-json.ts";
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
    probe: probeModels,
    clientHeaders: ({ preset }) => findPreset(preset).clientHeaders,
  },
  // Any path will do: whatever is answered shows that the server can be reached.
  http: {
    adapter: ({ tasks }) => createHttp(tasks),
    probe: (to) => ({ url: `${to.baseUrl}/`, headers: authorize(to) }),
  },
  // The address that price lists know the models by; calls go through the binding.
  "workers-ai": {
    adapter: () => withFunctions(workersAi),
    binding: "AI",
    baseUrl: () => "https://api.cloudflare.com/client/v4/accounts/-/ai",
  },
  anthropic: {
    adapter: () => withFunctions(createAnthropic(Date.now)),
    baseUrl: () => ANTHROPIC_BASE_URL,
    probe: (to) => ({ url: `${to.baseUrl}/models`, headers: introduce(to) }),
    clientHeaders: () => ODDITIES.anthropic.clientHeaders,
  },
  google: {
    adapter: () => withFunctions(createGoogle(Date.now)),
    baseUrl: () => GOOGLE_BASE_URL,
    probe: (to) => ({ url: `${to.baseUrl}/models`, headers: sign(to) }),
  },
  "azure-openai": {
    adapter: ({ apiVersion }) => createAzureOpenai(apiVersion),
    probe: probeAzure,
    clientHeaders: () => ODDITIES["azure-openai"].clientHeaders,
  },
};

function probeModels(to: Connection): ProbeRequest {
  return { url: `${to.baseUrl}/models`, headers: authorize(to) };
}

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
