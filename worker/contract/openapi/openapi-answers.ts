import type { Upload } from "../endpoints.ts";
import type { Task } from "../requests.ts";
import { type AnswerName, referAnswer } from "./openapi-schemas.ts";

/** The description of an endpoint whose answer comes from a model. */
export interface AnswerAbout {
  readonly description?: string;
  /** By content type. */
  readonly content: Readonly<Record<string, object>>;
}

const json = (name: AnswerName) => ({ "application/json": { schema: referAnswer(name) } });
const open = (description: string) => ({ "application/json": { schema: { type: "object", description } } });
const bytes = { schema: { type: "string", format: "binary" } };
const plain = { schema: { type: "string" } };
const events = (description: string, event: object = {}) => ({
  "text/event-stream": {
    schema: { type: "string", description, contentMediaType: "text/event-stream", ...event },
  },
});

const BROKEN = "A stream that breaks ends with an event that holds an `error`, and without its proper end.";
const PASSED_ON =
  "The answer is passed on as it comes, unread and uncached; the next target is tried until its first byte.";

export const ANSWERS_BY_TASK: Readonly<Record<Task, AnswerAbout>> = {
  chat: {
    description: `OpenAI's chat completions. ${BROKEN}`,
    content: {
      ...json("ChatCompletion"),
      ...events("Where `stream` is true: chunks, then `[DONE]`.", {
        contentSchema: referAnswer("ChatCompletionChunk"),
      }),
    },
  },
  completions: {
    description: `OpenAI's legacy completions. ${BROKEN}`,
    content: {
      ...json("CompletionsResponse"),
      ...events("Where `stream` is true: chunks, then `[DONE]`."),
    },
  },
  responses: {
    description: `Routes of task \`chat\` answer it, whatever their provider speaks. ${BROKEN}`,
    content: {
      ...open("OpenAI's Response."),
      ...events("Where `stream` is true: OpenAI's response events."),
    },
  },
  messages: {
    description: `Routes of task \`chat\` answer it, whatever their provider speaks. ${BROKEN}`,
    content: { ...open("Anthropic's Message."), ...events("Where `stream` is true: Anthropic's events.") },
  },
  countTokens: {
    description:
      "Anthropic counts itself where it is the route's first target; else the number is an estimate by the " +
      "length of the texts, and `estimated` is true.",
    content: {
      "application/json": {
        schema: {
          type: "object",
          required: ["input_tokens"],
          properties: { input_tokens: { type: "integer" }, estimated: { type: "boolean" } },
          additionalProperties: true,
        },
      },
    },
  },
  embeddings: { content: json("EmbeddingsResponse") },
  rerank: {
    description:
      "The shape that Cohere and Jina share. A request with `top_k` or `truncation`, as Voyage names them, is answered in Voyage's: `data`, and `usage.total_tokens`.",
    content: json("RerankResponse"),
  },
  classify: { content: json("ClassifyResponse") },
  moderations: {
    content: json("ModerationsResponse"),
  },
  images: {
    description: `${PASSED_ON} What it used is not read from it.`,
    content: { ...open("As the provider sends it."), ...events("Where the provider streams its pictures.") },
  },
  speech: {
    description: PASSED_ON,
    content: { "audio/*": bytes, ...events("Where `stream_format` is `sse`.") },
  },
};

const UPLOADED =
  "The form is passed on as it arrives, with the target's model in it. It names its route by `model`, " +
  "which is looked for in the first 26 MB where the deployment has several routes; it need not be there where " +
  "the query names the route, or there is only one. Only the first configured target is called, once: a " +
  "body that has streamed away cannot be sent again.";

const WORDS = {
  "application/json": {
    schema: { type: "object", properties: { text: { type: "string" } }, additionalProperties: true },
  },
  "text/plain": plain,
  "text/vtt": plain,
  "application/x-subrip": plain,
  ...events("Where `stream` is true and the provider streams."),
};

export const ANSWERS_BY_UPLOAD: Readonly<Record<Upload, AnswerAbout>> = {
  transcriptions: {
    description: UPLOADED,
    content: WORDS,
  },
  translations: {
    description: `Routes of task \`transcriptions\` answer it. ${UPLOADED}`,
    content: WORDS,
  },
};

/** Other fields go to the provider untouched. */
export const UPLOAD_FORM = {
  type: "object",
  required: ["file"],
  properties: {
    model: { type: "string", description: "The route's name." },
    file: { type: "string", format: "binary" },
  },
  additionalProperties: true,
};
