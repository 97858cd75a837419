import { ODDITIES, type Oddities, type PresetTask } from "./oddities.ts";

/**
 * Well-known servers that speak OpenAI's API: their addresses, and how they differ from OpenAI. Data, not
 * code: the `openai` adapter handles each field for all of them. A server without a preset is taken to do
 * everything as OpenAI does, except for the Responses API.
 */
export interface Preset extends Oddities {
  /** For a server of your own, where it listens by default. */
  readonly baseUrl?: string;
  /** The usual name of its secret; absent for servers that need none. */
  readonly key?: string;
  /** The tasks that it has; all but `classify` where absent. */
  readonly tasks?: readonly PresetTask[];
  /** It has the Responses API; without it, that is translated to chat. */
  readonly responses?: boolean;
  /** The path of a task after the base URL, where it differs from OpenAI's. */
  readonly paths?: { readonly [T in PresetTask]?: string };
}

const LOCAL = "http://127.0.0.1";

export const PRESETS = {
  openai: {
    ...ODDITIES.openai,
    baseUrl: "https://api.openai.com/v1",
    key: "OPENAI_API_KEY",
    tasks: ["chat", "completions", "embeddings", "moderations", "images", "speech", "transcriptions"],
    responses: true,
  },
  groq: {
    ...ODDITIES.groq,
    baseUrl: "https://api.groq.com/openai/v1",
    key: "GROQ_API_KEY",
    tasks: ["chat", "speech", "transcriptions"],
    responses: true,
  },
  together: {
    ...ODDITIES.together,
    baseUrl: "https://api.together.xyz/v1",
    key: "TOGETHER_API_KEY",
    tasks: ["chat", "completions", "embeddings", "rerank", "images", "speech", "transcriptions"],
  },
  fireworks: {
    ...ODDITIES.fireworks,
    baseUrl: "https://api.fireworks.ai/inference/v1",
    key: "FIREWORKS_API_KEY",
    tasks: ["chat", "completions", "embeddings", "rerank"],
    responses: true,
  },
  mistral: {
    ...ODDITIES.mistral,
    baseUrl: "https://api.mistral.ai/v1",
    key: "MISTRAL_API_KEY",
    tasks: ["chat", "embeddings", "transcriptions"],
  },
  deepseek: {
    ...ODDITIES.deepseek,
    baseUrl: "https://api.deepseek.com/v1",
    key: "DEEPSEEK_API_KEY",
    tasks: ["chat"],
  },
  xai: {
    ...ODDITIES.xai,
    baseUrl: "https://api.x.ai/v1",
    key: "XAI_API_KEY",
    tasks: ["chat", "images"],
    responses: true,
  },
  openrouter: {
    ...ODDITIES.openrouter,
    baseUrl: "https://openrouter.ai/api/v1",
    key: "OPENROUTER_API_KEY",
    tasks: ["chat", "completions", "embeddings"],
    responses: true,
  },
  perplexity: {
    ...ODDITIES.perplexity,
    baseUrl: "https://api.perplexity.ai",
    key: "PERPLEXITY_API_KEY",
    tasks: ["chat"],
  },
  cerebras: {
    ...ODDITIES.cerebras,
    baseUrl: "https://api.cerebras.ai/v1",
    key: "CEREBRAS_API_KEY",
    tasks: ["chat", "completions"],
  },
  "nvidia-nim": {
    ...ODDITIES["nvidia-nim"],
    baseUrl: "https://integrate.api.nvidia.com/v1",
    key: "NVIDIA_API_KEY",
    tasks: ["chat", "completions", "embeddings"],
  },
  "hugging-face": {
    ...ODDITIES["hugging-face"],
    baseUrl: "https://router.huggingface.co/v1",
    key: "HF_TOKEN",
    tasks: ["chat"],
    responses: true,
  },
  cohere: {
    ...ODDITIES.cohere,
    baseUrl: "https://api.cohere.ai",
    key: "COHERE_API_KEY",
    tasks: ["chat", "embeddings", "rerank"],
    paths: {
      chat: "/compatibility/v1/chat/completions",
      embeddings: "/v2/embed",
      rerank: "/v2/rerank",
    },
  },
  jina: {
    ...ODDITIES.jina,
    baseUrl: "https://api.jina.ai/v1",
    key: "JINA_API_KEY",
    tasks: ["embeddings", "rerank"],
  },
  voyage: {
    ...ODDITIES.voyage,
    baseUrl: "https://api.voyageai.com/v1",
    key: "VOYAGE_API_KEY",
    tasks: ["embeddings", "rerank"],
  },
  ollama: {
    ...ODDITIES.ollama,
    baseUrl: `${LOCAL}:11434/v1`,
    tasks: ["chat", "completions", "embeddings"],
    responses: true,
  },
  vllm: {
    ...ODDITIES.vllm,
    baseUrl: `${LOCAL}:8000/v1`,
    tasks: ["chat", "completions", "embeddings", "rerank", "transcriptions"],
    responses: true,
  },
  "lm-studio": {
    ...ODDITIES["lm-studio"],
    baseUrl: `${LOCAL}:1234/v1`,
    tasks: ["chat", "completions", "embeddings"],
    responses: true,
  },
  "llama-cpp": {
    ...ODDITIES["llama-cpp"],
    baseUrl: `${LOCAL}:8080/v1`,
    tasks: ["chat", "completions", "embeddings", "rerank"],
  },
  tei: {
    ...ODDITIES.tei,
    baseUrl: `${LOCAL}:8080`,
    tasks: ["embeddings", "rerank"],
    paths: { embeddings: "/v1/embeddings" },
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as [PresetName, ...PresetName[]];

/** What is known of a server without a preset: that it may be like many others. */
export const NO_PRESET: Preset = ODDITIES.other;
