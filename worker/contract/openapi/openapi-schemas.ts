import * as z from "zod/mini";
import { cohereEmbedRequest, cohereEmbedResponse } from "../cohere-embed.ts";
import { explainedPlan, explainRequest } from "../explain.ts";
import { jobEvent } from "../jobs/job-event.ts";
import { createJobRequest } from "../jobs/create-job-request.ts";
import { jobDocument } from "../jobs/job-document.ts";
import { jobList } from "../jobs/job-list.ts";
import { MODEL_OPTIONAL, requestSchemas, type Task, TASKS } from "../requests.ts";
import {
  chatCompletion,
  chatCompletionChunk,
  classifyResponse,
  completionsResponse,
  embeddingsResponse,
  modelList,
  modelSchema,
  moderationsResponse,
  rerankResponse,
} from "../responses.ts";
import { webhookPayload, webhookSecretList } from "../webhooks.ts";

/** The parts of answers that their schemas do not check, for speed. */
const UNWALKED: Readonly<Record<string, object>> = {
  embedding: {
    anyOf: [
      { type: "array", items: { type: "number" } },
      { type: "string", contentEncoding: "base64" },
    ],
    description: "Numbers, or base64 of little-endian float32 where `encoding_format` says so.",
  },
  content: { description: "Text nearly always; null beside tool calls; parts with some providers." },
};

/** The JSON Schema of a schema that validates here; unknown fields are allowed, as they are passed on. */
function describe(schema: z.core.$ZodType): object {
  const { $schema: _, ...described } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override({ zodSchema, jsonSchema, path }) {
      // A union with "anything" is the same as "anything", and linters report it as a mistake.
      if (jsonSchema.anyOf?.some((one) => Object.keys(one).length === 0)) delete jsonSchema.anyOf;
      tellDefault(jsonSchema);
      if (zodSchema._zod.def.type === "custom") Object.assign(jsonSchema, UNWALKED[String(path.at(-1))]);
    },
  });
  return described;
}

/** In words: generators take a field with a `default` for one that is always there, also in what clients send. */
function tellDefault(jsonSchema: z.core.JSONSchema.BaseSchema): void {
  if (jsonSchema.default === undefined) return;
  const told = `By default ${JSON.stringify(jsonSchema.default)}.`;
  jsonSchema.description = jsonSchema.description === undefined ? told : `${jsonSchema.description} ${told}`;
  delete jsonSchema.default;
}

/** The schema of a task's requests. Those that need no `model` are completed before they are checked. */
function describeRequest(task: Task): object {
  const described: { required?: readonly string[] } = describe(requestSchemas[task]);
  if (!MODEL_OPTIONAL.has(task)) return described;
  return { ...described, required: (described.required ?? []).filter((name) => name !== "model") };
}

const ANSWERS = {
  ChatCompletion: chatCompletion,
  ChatCompletionChunk: chatCompletionChunk,
  CompletionsResponse: completionsResponse,
  EmbeddingsResponse: embeddingsResponse,
  RerankResponse: rerankResponse,
  CohereEmbedRequest: cohereEmbedRequest,
  CohereEmbedResponse: cohereEmbedResponse,
  ClassifyResponse: classifyResponse,
  ModerationsResponse: moderationsResponse,
  CreateJob: createJobRequest,
  Job: jobDocument,
  JobList: jobList,
  JobEvent: jobEvent,
  WebhookPayload: webhookPayload,
  WebhookSecretList: webhookSecretList,
  Explain: explainRequest,
  Plan: explainedPlan,
  Model: modelSchema,
  ModelList: modelList,
} as const;

export type AnswerName = keyof typeof ANSWERS;

const requestName = (task: Task) => `${task.charAt(0).toUpperCase()}${task.slice(1)}Request`;
export const referAnswer = (name: AnswerName) => ({ $ref: `#/components/schemas/${name}` });
export const referRequest = (task: Task) => ({ $ref: `#/components/schemas/${requestName(task)}` });

/** All schemas by the names that operations refer to. */
export function describeSchemas(): Record<string, object> {
  return Object.fromEntries([
    ...TASKS.map((task) => [requestName(task), describeRequest(task)]),
    ...Object.entries(ANSWERS).map(([name, schema]) => [name, describe(schema)]),
  ]);
}
