import { type ConfigInput, defineConfig, secret, variable } from "../../worker/contract/config/config.ts";

const price = { inputPerMillion: 0.15, outputPerMillion: 0.6 };
const upstream = (name: string) => ({
  kind: "openai" as const,
  baseUrl: variable(name),
  apiKey: secret("UPSTREAM_KEY"),
});

/** An upstream that makes one call after the other (bench/windows). */
const alone = {
  task: "embeddings" as const,
  targets: [{ provider: "device", model: "embed", price: { inputPerMillion: 0.02 } }],
  cache: false as const,
};

/** Both answer alike, and alike well. */
const two = [
  { provider: "whole", model: "gpt-4o-mini", price },
  { provider: "whole", model: "gpt-4o", price },
];

/** A route for each thing that is measured; each way the upstream can answer is a provider of its own. */
const config: ConfigInput = defineConfig({
  providers: {
    whole: upstream("WHOLE_URL"),
    slow: upstream("SLOW_URL"),
    paced: upstream("PACED_URL"),
    burst: upstream("BURST_URL"),
    claude: { kind: "anthropic", baseUrl: variable("WHOLE_URL"), apiKey: secret("UPSTREAM_KEY") },
    embedded: { kind: "embedded" },
    device: upstream("DEVICE_URL"),
  },
  routes: {
    chat: { task: "chat", targets: [{ provider: "whole", model: "gpt-4o-mini", price }], cache: false },
    weighted: { task: "chat", targets: two, cache: false, strategy: "weighted" },
    fastest: { task: "chat", targets: two, cache: false, strategy: "fastest" },
    cheapest: { task: "chat", targets: two, cache: false, strategy: "cheapest" },
    policies: {
      task: "chat",
      targets: [
        { provider: "whole", model: "gpt-4o-large", price, when: "tokens > 100000 || tenant == 'globex'" },
        ...two,
      ],
      cache: false,
      strategy: "fastest",
      hedge: { afterMs: 10_000 },
    },
    slow: { task: "chat", targets: [{ provider: "slow", model: "gpt-4o-mini", price }], cache: false },
    stream: { task: "chat", targets: [{ provider: "paced", model: "gpt-4o-mini", price }], cache: false },
    "stream-shown": {
      task: "chat",
      targets: [{ provider: "paced", model: "gpt-4o-mini", price }],
      cache: false,
      streams: { usage: "show" },
    },
    burst: { task: "chat", targets: [{ provider: "burst", model: "gpt-4o-mini", price }], cache: false },
    kept: { task: "chat", targets: [{ provider: "whole", model: "gpt-4o-mini", price }] },
    claude: {
      task: "chat",
      targets: [{ provider: "claude", model: "claude-sonnet-4-5", price }],
      cache: false,
    },
    embed: { task: "embeddings", targets: [{ provider: "embedded", model: "words-en" }] },
    "embed-alone": alone,
    "embed-one-slot": { ...alone, window: { maxItems: 32, slots: 1 } },
    "embed-by-4": { ...alone, window: { maxItems: 4 } },
    "embed-by-32": { ...alone, window: { maxItems: 32 } },
    "embed-by-jobs": { ...alone, jobs: { window: { maxItems: 32 } } },
  },
});

export default config;
