import type { Tag } from "../endpoints.ts";
import { describeElsewhere, errorResponses } from "./openapi-errors.ts";
import { headers, parameters } from "./openapi-headers.ts";
import { describePaths } from "./openapi-paths.ts";
import { describeSchemas } from "./openapi-schemas.ts";
import { describeWebhooks } from "./openapi-webhooks.ts";

export const API_VERSION = "0.1.0";

const TAGS: Readonly<Record<Tag, string>> = {
  Text: "Chat, in three dialects, and completions.",
  Vectors: "Embeddings and what is made of them.",
  "Sound and pictures": "Bytes that stream through unread.",
  Jobs: "Requests that are accepted once and run to their end.",
  Models: "The routes that can be asked for by name.",
  "Running it": "Needs no key.",
};

/** The gateway's contract as OpenAPI 3.1, from the table of endpoints, the schemas that validate and the table of errors. */
export function buildOpenapi(): object {
  return {
    openapi: "3.1.1",
    info: {
      title: "Headrace",
      version: API_VERSION,
      description: `One edge endpoint between people who need AI answers and whatever serves the models.

Any path may also answer:

${describeElsewhere()}`,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    security: [{ bearer: [] }, { apiKey: [] }, { azureKey: [] }],
    paths: describePaths(),
    webhooks: describeWebhooks(),
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An API key, `hr_live_…` or `hr_test_…`." },
        apiKey: { type: "apiKey", in: "header", name: "x-api-key", description: "As Anthropic's clients." },
        azureKey: { type: "apiKey", in: "header", name: "api-key", description: "As Azure's clients." },
      },
      parameters,
      headers,
      responses: errorResponses(),
      schemas: describeSchemas(),
    },
  };
}
