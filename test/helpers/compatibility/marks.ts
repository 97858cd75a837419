/** What a test says that it shows, for docs/compatibility.md: `{ meta: { client: "openai" } }` on a group or a test. */
import "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** Whose requests the test sends. */
    client?: string;
    /** For whom the test shows something of a provider. */
    provider?: string;
    /** What works: of a client one of the columns, of a provider what is odd about it. */
    shows?: Feature | readonly Feature[];
    odd?: string;
  }
}

/** The columns of the table of clients, in their order. */
export const FEATURES = [
  "text",
  "streams",
  "usage",
  "tools",
  "objects",
  "thinking",
  "pictures",
  "embeddings",
  "rerank",
  "classify",
  "moderations",
  "images",
  "speech",
  "transcriptions",
  "models",
  "token counts",
  "jobs",
  "errors",
  "retries",
  "broken streams",
  "abort",
] as const;
export type Feature = (typeof FEATURES)[number];
