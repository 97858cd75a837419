import { defineConfig, secret, variable } from "headrace/config";

/**
 * What this deployment serves. Clients ask for a route by its name as `model`; a route tries its
 * targets in order. With nothing set, every route but `chat` ends in the model inside the Worker.
 */
export default defineConfig({
  providers: {
    openai: {
      kind: "openai",
      preset: "openai",
      baseUrl: variable("OPENAI_BASE_URL", "https://api.openai.com/v1"),
      apiKey: secret("OPENAI_API_KEY"),
      direct: true,
    },
    embedded: { kind: "embedded" },
  },
  routes: {
    chat: { task: "chat", targets: [{ provider: "openai", model: "gpt-4o-mini" }] },
    embed: {
      task: "embeddings",
      targets: [{ provider: "embedded", model: "words-en" }],
      timeoutMs: 10_000,
    },
    rerank: { task: "rerank", targets: [{ provider: "embedded", model: "words-en" }], timeoutMs: 10_000 },
    language: { task: "classify", targets: [{ provider: "embedded", model: "language" }] },
    sentiment: { task: "classify", targets: [{ provider: "embedded", model: "sentiment" }] },
  },
  cors: { origins: ["http://localhost:*", "http://127.0.0.1:*"] },
});
