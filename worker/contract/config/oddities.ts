import type { RouteTask } from "../requests.ts";

/**
 * What providers want otherwise than OpenAI's API has it, in one table. Data, not code: what each row asks for
 * is done in one place for all providers (`worker/providers/oddities/`), before the provider's own
 * translation. `docs/providers.md` shows the table, and a test drives every entry.
 */
export interface Oddities {
  /** Its names for a request's fields (`null`: it refuses the field, which is left out). */
  readonly fields?: { readonly [T in PresetTask]?: Readonly<Record<string, string | null>> };
  /** Values that it refuses, because they are its default. */
  readonly implied?: { readonly [T in PresetTask]?: Readonly<Record<string, string>> };
  /** It takes no `stream_options`: its streams have usage without being asked, or not at all. */
  readonly streamOptions?: false;
  /** How its rerank differs from the shape that Cohere's first version and Jina share. */
  readonly rerank?: RerankForm;
  /** Its embeddings have a form of their own. */
  readonly embeddings?: "cohere";
  /** How it is told what a text is embedded for. `null`: it refuses to be told; absent: as the client says it. */
  readonly inputType?: InputTypes | null;
  /** Most inputs of one call; more are sent in several, and the answers joined. */
  readonly maxInputs?: { readonly embeddings?: number; readonly rerank?: number };
  /** It may not know the role `developer`, which is sent as `system`. */
  readonly developer?: "system";
  /** It refuses texts of nothing but white space: they are left out, and turns of nothing else with them. */
  readonly blankTexts?: "refused";
  /** It wants a turn besides the system's: where there is none, the last of the system's is the user's. */
  readonly onlySystem?: "refused";
  /** A conversation may not begin with the assistant: a word of the user's is put before it. */
  readonly firstTurn?: "user";
  /** The assistant's last turn, which is to be continued, may not end with white space. */
  readonly trailingSpace?: "refused";
  /** The assistant's last turn is continued only where it is marked so. */
  readonly continued?: "prefix";
  /** Turns of one role may not follow one another: they are joined. */
  readonly sameRole?: "joined";
  /** The user may not speak right after a tool: a word of the assistant's is put between. */
  readonly afterTools?: "assistant";
  /** The ids of tool calls that it takes; any other is replaced by one made of it. */
  readonly callIds?: RegExp;
  /** Results of tools are texts: pictures and files in them are sent in a message of the user's behind them. */
  readonly toolMedia?: "user";
  /** Content of several texts is sent as one, for not every server takes a list where it takes a text. */
  readonly textParts?: "joined";
  /** Files of text are no files to it: they are sent as texts. */
  readonly textFiles?: "text";
  /** How it wants a PDF, where not as OpenAI's `file`. */
  readonly pdf?: "document_url";
  /** What the model thought before, which clients send back: in which field it is wanted. */
  readonly thinking?: Thinking;
  /** It refuses what other providers add to messages, parts, calls and tools, which is left out. */
  readonly additions?: "refused";
  /** The models that refuse penalties, which are left out. */
  readonly penalties?: RegExp;
  /** The models that take no temperature and no `top_p` but their own, which are left out. */
  readonly sampling?: RegExp;
  /** A function's parameters may not be `anyOf`, `oneOf` or `allOf` as a whole: these are made one object. */
  readonly parameters?: "one object";
  /** Its names for keywords of JSON schemas (`null`: it refuses the keyword, which is left out). */
  readonly keywords?: Readonly<Record<string, string | null>>;
  /**
   * The kinds of tools that its own Responses API takes, where it has one and not all of OpenAI's: a request with
   * any other is translated to chat.
   */
  readonly responsesTools?: RegExp;
  /** Headers of clients that are passed on to it. */
  readonly clientHeaders?: readonly string[];
}

/** Every task but `classify`, which OpenAI's API does not have. */
export type PresetTask = Exclude<RouteTask, "classify">;

export interface Thinking {
  /** `null`: it refuses all of them, and thinking is left out. */
  readonly field: "reasoning_content" | "reasoning" | null;
  /** It refuses turns of the assistant without it; a space stands for what is lost. */
  readonly required?: true;
}

/** What a text is embedded for. */
export type Purpose = "query" | "document" | "classification" | "clustering";

export interface InputTypes {
  readonly field: string;
  /** Its words; one that is absent is left out. */
  readonly values: { readonly [P in Purpose]?: string };
}

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

/** What is about OpenAI's own storage, cache and accounts, for servers that refuse it. */
const NOT_OPENAI = {
  store: null,
  prompt_cache_key: null,
  prompt_cache_retention: null,
  safety_identifier: null,
  verbosity: null,
} as const;

/** What is true of OpenAI's chat and of all that is like it. */
const CHAT = { toolMedia: "user", textFiles: "text" } as const;
/** What holds for the servers of others, as far as is known. */
const LIKE_CHAT = { ...CHAT, developer: "system" } as const;
const PLAIN_CHAT = { ...LIKE_CHAT, textParts: "joined" } as const;

/** Reasoning models refuse penalties; `max_tokens` is the old name, which they refuse as well. */
const OPENAI_CHAT = {
  ...CHAT,
  callIds: /^.{1,40}$/s,
  thinking: { field: null },
  additions: "refused",
  penalties: /^(?:o\d|gpt-5)/,
  sampling: /^(?:o\d|gpt-5(?!\.|-chat))/,
  parameters: "one object",
} as const;
/** OpenAI's embeddings have one kind of vector, and refuse a text that is too long. */
const PLAIN_VECTORS = { inputType: null } as const;
const UNCUT = { truncation: null } as const;
const NEW_NAMES = { chat: { max_tokens: "max_completion_tokens" }, embeddings: UNCUT } as const;

/** Keywords that Gemini has no field for; a bound that excludes its value becomes one that includes it. */
const GEMINI_KEYWORDS = {
  $schema: null,
  $comment: null,
  exclusiveMinimum: "minimum",
  exclusiveMaximum: "maximum",
  multipleOf: null,
  uniqueItems: null,
  contains: null,
  propertyNames: null,
  patternProperties: null,
  unevaluatedItems: null,
  unevaluatedProperties: null,
} as const;

/**
 * OpenAI's tools that clients run themselves and whose calls have a form of their own; what a server runs itself,
 * it may have.
 */
const NOT_CLIENTS_TOOLS =
  /^(?!(?:namespace|custom|additional_tools|tool_search|tool_search_output|local_shell|shell|apply_patch|computer)(?:$|_))/;

/** By preset, by kind where that has no presets, and `other` for servers without a preset. */
export const ODDITIES = {
  other: LIKE_CHAT,
  openai: {
    ...OPENAI_CHAT,
    ...PLAIN_VECTORS,
    fields: NEW_NAMES,
    clientHeaders: ["openai-beta", "x-client-request-id"],
  },
  "azure-openai": {
    ...OPENAI_CHAT,
    ...PLAIN_VECTORS,
    fields: NEW_NAMES,
    clientHeaders: ["openai-beta", "x-ms-client-request-id"],
  },
  anthropic: {
    developer: "system",
    blankTexts: "refused",
    onlySystem: "refused",
    firstTurn: "user",
    trailingSpace: "refused",
    callIds: /^[\w-]+$/,
    textFiles: "text",
    parameters: "one object",
    clientHeaders: ["anthropic-beta"],
  },
  google: {
    developer: "system",
    blankTexts: "refused",
    onlySystem: "refused",
    firstTurn: "user",
    penalties: /^(?!.*gemini-(?:1|2\.0))/,
    inputType: {
      field: "taskType",
      values: {
        query: "RETRIEVAL_QUERY",
        document: "RETRIEVAL_DOCUMENT",
        classification: "CLASSIFICATION",
        clustering: "CLUSTERING",
      },
    },
    keywords: GEMINI_KEYWORDS,
    maxInputs: { embeddings: 100 },
  },
  "workers-ai": { ...PLAIN_CHAT, maxInputs: { embeddings: 100 } },
  groq: {
    ...PLAIN_CHAT,
    fields: { chat: NOT_OPENAI },
    thinking: { field: "reasoning" },
    additions: "refused",
    responsesTools: NOT_CLIENTS_TOOLS,
  },
  together: PLAIN_CHAT,
  fireworks: {
    ...PLAIN_CHAT,
    thinking: { field: "reasoning_content" },
    rerank: { results: "data" },
    responsesTools: NOT_CLIENTS_TOOLS,
    clientHeaders: ["x-session-affinity"],
  },
  mistral: {
    ...LIKE_CHAT,
    fields: {
      chat: { ...MAX_TOKENS, ...NOT_OPENAI, seed: "random_seed", user: null, service_tier: null },
      embeddings: { dimensions: "output_dimension", ...UNCUT },
    },
    ...PLAIN_VECTORS,
    streamOptions: false,
    blankTexts: "refused",
    onlySystem: "refused",
    continued: "prefix",
    afterTools: "assistant",
    callIds: /^[a-zA-Z0-9]{9}$/,
    pdf: "document_url",
    thinking: { field: null },
    additions: "refused",
  },
  deepseek: {
    ...PLAIN_CHAT,
    fields: { chat: MAX_TOKENS },
    thinking: { field: "reasoning_content", required: true },
  },
  xai: {
    ...PLAIN_CHAT,
    thinking: { field: "reasoning_content" },
    penalties: /grok-(?:3-mini|4|code)/,
    responsesTools: NOT_CLIENTS_TOOLS,
    clientHeaders: ["x-grok-conv-id"],
  },
  openrouter: {
    ...LIKE_CHAT,
    thinking: { field: "reasoning" },
    responsesTools: NOT_CLIENTS_TOOLS,
    clientHeaders: ["http-referer", "x-title", "x-openrouter-title", "x-session-id", "x-anthropic-beta"],
  },
  perplexity: {
    ...PLAIN_CHAT,
    fields: { chat: { ...MAX_TOKENS, ...NOT_OPENAI } },
    streamOptions: false,
    blankTexts: "refused",
    onlySystem: "refused",
    sameRole: "joined",
    thinking: { field: null },
    additions: "refused",
  },
  cerebras: {
    ...PLAIN_CHAT,
    fields: { chat: NOT_OPENAI },
    thinking: { field: "reasoning" },
    additions: "refused",
    penalties: /^/,
  },
  "nvidia-nim": {
    ...PLAIN_CHAT,
    inputType: { field: "input_type", values: { query: "query", document: "passage" } },
  },
  "hugging-face": { ...PLAIN_CHAT, responsesTools: NOT_CLIENTS_TOOLS },
  cohere: {
    ...PLAIN_CHAT,
    fields: { chat: { ...MAX_TOKENS, ...NOT_OPENAI } },
    streamOptions: false,
    blankTexts: "refused",
    thinking: { field: null },
    additions: "refused",
    rerank: {},
    embeddings: "cohere",
    inputType: {
      field: "input_type",
      values: {
        query: "search_query",
        document: "search_document",
        classification: "classification",
        clustering: "clustering",
      },
    },
    maxInputs: { embeddings: 96 },
    clientHeaders: ["x-client-name"],
  },
  jina: {
    fields: { embeddings: { encoding_format: "embedding_type", truncation: "truncate" } },
    inputType: {
      field: "task",
      values: {
        query: "retrieval.query",
        document: "retrieval.passage",
        classification: "classification",
        clustering: "separation",
      },
    },
  },
  voyage: {
    fields: { embeddings: { dimensions: "output_dimension" } },
    implied: { embeddings: { encoding_format: "float" } },
    inputType: { field: "input_type", values: { query: "query", document: "document" } },
    rerank: { topN: "top_k", results: "data" },
    maxInputs: { embeddings: 1000, rerank: 1000 },
  },
  ollama: {
    ...PLAIN_CHAT,
    fields: { chat: MAX_TOKENS },
    thinking: { field: "reasoning" },
    responsesTools: /^function$/,
  },
  vllm: { ...PLAIN_CHAT, responsesTools: /^(?:function|mcp|code_interpreter|container|web_search_preview)$/ },
  "lm-studio": { ...PLAIN_CHAT, fields: { chat: MAX_TOKENS }, responsesTools: /^(?:function|mcp)$/ },
  "llama-cpp": PLAIN_CHAT,
  tei: {
    rerank: { documents: "texts", topN: null, results: null, score: "score" },
    maxInputs: { embeddings: 32, rerank: 32 },
  },
} as const satisfies Record<string, Oddities>;
