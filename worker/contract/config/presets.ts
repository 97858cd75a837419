import type { RouteTask } from "../requests.ts";

/**
 * Well-known servers that speak OpenAI's API: their addresses, and how they differ from OpenAI. Data, not
 * code: the `openai` adapter handles each field for all of them. A server without a preset is taken to do
 * everything as OpenAI does, except for the Responses API.
 */
export interface Preset {
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
  /** Its names for a request's fields (`null`: it refuses the field, which is left out). */
  readonly fields?: { readonly [T in PresetTask]?: Readonly<Record<string, string | null>> };
  /** Values that it refuses, because they are its default. */
  readonly implied?: { readonly [T in PresetTask]?: Readonly<Record<string, string>> };
  /** It takes no `stream_options`: its streams have usage without being asked, or not at all. */
  readonly streamOptions?: false;
  /** How its rerank differs from the shape that Cohere's first version and Jina share. */
  readonly rerank?: RerankForm;
}

export type PresetTask = Exclude<RouteTask, "classify">;

/** Where any of these is set, documents are sent as texts, and the answer is put into our shape. */
export interface RerankForm {
  /** The field for the documents, `documents` where absent. */
  readonly documents?: string;
  /** The field for how many to give back, `top_n` where absent; `null`: it gives back all. */
  readonly topN?: string | null;
  /** The answer's field that lists the results, `results` where absent; `null`: the answer is the list. */
  readonly results?: string | null;
  /** A result's field for its score, `relevance_score` where absent. */
  readonly score?: string;
}

const MAX_TOKENS = { max_completion_tokens: "max_tokens" } as const;
const LOCAL = "http://127.0.0.1";

export const PRESETS = {
  openai: {
    baseUrl: "https://api.openai.com/v1",
    key: "OPENAI_API_KEY",
    tasks: ["chat", "completions", "embeddings", "moderations", "images", "speech", "transcriptions"],
    responses: true,
  },
  groq: {
    baseUrl: "https://api.groq.com/openai/v1",
    key: "GROQ_API_KEY",
    tasks: ["chat", "speech", "transcriptions"],
    responses: true,
  },
  together: {
    baseUrl: "https://api.together.xyz/v1",
    key: "TOGETHER_API_KEY",
    tasks: ["chat", "completions", "embeddings", "rerank", "images", "speech", "transcriptions"],
  },
  fireworks: {
    baseUrl: "https://api.fireworks.ai/inference/v1",
    key: "FIREWORKS_API_KEY",
    tasks: ["chat", "completions", "embeddings", "rerank"],
    responses: true,
    rerank: { results: "data" },
  },
  mistral: {
    baseUrl: "https://api.mistral.ai/v1",
    key: "MISTRAL_API_KEY",
    tasks: ["chat", "embeddings", "transcriptions"],
    fields: {
      chat: { ...MAX_TOKENS, seed: "random_seed" },
      embeddings: { dimensions: "output_dimension" },
    },
    streamOptions: false,
  },
  deepseek: {
    baseUrl: "https://api.deepseek.com/v1",
    key: "DEEPSEEK_API_KEY",
    tasks: ["chat"],
    fields: { chat: MAX_TOKENS },
  },
  xai: {
    baseUrl: "https://api.x.ai/v1",
    key: "XAI_API_KEY",
    tasks: ["chat", "images"],
    responses: true,
  },
  openrouter: {
    baseUrl: "https://openrouter.ai/api/v1",
    key: "OPENROUTER_API_KEY",
    tasks: ["chat", "completions", "embeddings"],
    responses: true,
  },
  perplexity: {
    baseUrl: "https://api.perplexity.ai",
    key: "PERPLEXITY_API_KEY",
    tasks: ["chat"],
    fields: { chat: MAX_TOKENS },
    streamOptions: false,
  },
  cerebras: {
    baseUrl: "https://api.cerebras.ai/v1",
    key: "CEREBRAS_API_KEY",
    tasks: ["chat", "completions"],
  },
  "nvidia-nim": {
    baseUrl: "https://integrate.api.nvidia.com/v1",
    key: "NVIDIA_API_KEY",
    tasks: ["chat", "completions", "embeddings"],
  },
  "hugging-face": {
    baseUrl: "https://router.huggingface.co/v1",
    key: "HF_TOKEN",
    tasks: ["chat"],
    responses: true,
  },
  cohere: {
    baseUrl: "https://api.cohere.ai",
    key: "COHERE_API_KEY",
    tasks: ["chat", "embeddings", "rerank"],
    paths: {
      chat: "/compatibility/v1/chat/completions",
      embeddings: "/compatibility/v1/embeddings",
      rerank: "/v2/rerank",
    },
    fields: { chat: MAX_TOKENS },
    streamOptions: false,
    rerank: {},
  },
  jina: {
    baseUrl: "https://api.jina.ai/v1",
    key: "JINA_API_KEY",
    tasks: ["embeddings", "rerank"],
    fields: { embeddings: { encoding_format: "embedding_type" } },
  },
  voyage: {
    baseUrl: "https://api.voyageai.com/v1",
    key: "VOYAGE_API_KEY",
    tasks: ["embeddings", "rerank"],
    fields: { embeddings: { dimensions: "output_dimension" } },
    implied: { embeddings: { encoding_format: "float" } },
    rerank: { topN: "top_k", results: "data" },
  },
  ollama: {
    baseUrl: `${LOCAL}:11434/v1`,
    tasks: ["chat", "completions", "embeddings"],
    responses: true,
    fields: { chat: MAX_TOKENS },
  },
  vllm: {
    baseUrl: `${LOCAL}:8000/v1`,
    tasks: ["chat", "completions", "embeddings", "rerank", "transcriptions"],
    responses: true,
  },
  "lm-studio": {
    baseUrl: `${LOCAL}:1234/v1`,
    tasks: ["chat", "completions", "embeddings"],
    responses: true,
    fields: { chat: MAX_TOKENS },
  },
  "llama-cpp": {
    baseUrl: `${LOCAL}:8080/v1`,
    tasks: ["chat", "completions", "embeddings", "rerank"],
  },
  tei: {
    baseUrl: `${LOCAL}:8080`,
    tasks: ["embeddings", "rerank"],
    paths: { embeddings: "/v1/embeddings" },
    rerank: { documents: "texts", topN: null, results: null, score: "score" },
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as [PresetName, ...PresetName[]];
