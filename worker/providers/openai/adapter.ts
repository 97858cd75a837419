import type { AnswerForms, HttpTask, ProviderAdapter, UploadTask } from "../../domain/routing/adapter.ts";
import { completionsResponse, imagesResponse, moderationsResponse } from "../../contract/responses.ts";
import type { PresetTask } from "../../contract/config/oddities.ts";
import type { Preset } from "../../contract/config/presets.ts";
import { err, ok } from "../../domain/result.ts";
import { createFitChat } from "../oddities/fit-chat.ts";
import { adaptFields } from "./adapt-fields.ts";
import { chatForms, completionForms } from "./chat-forms.ts";
import { embeddingsTask } from "./embeddings.ts";
import { authorize, postJson } from "./post-json.ts";
import { readUsage } from "./find-usage.ts";
import { readAnswer, readCompletion } from "./read-answer.ts";
import { createEventReader } from "./read-event.ts";
import { rerankTask } from "./rerank.ts";
import { responsesTask } from "./responses.ts";
import { takesTools } from "./takes-tools.ts";

/**
 * Any server that speaks OpenAI's API. The client's body is sent unchanged, but for the target's model and
 * what is odd about the preset's server.
 */
export function createOpenai(preset: Preset): ProviderAdapter {
  const all: Offered = {
    chat: chatTask(preset),
    completions: streaming<"completions">(preset, "completions", {
      object: "text_completion",
      read: (text) =>
        readAnswer(completionsResponse, text, ({ choices }) =>
          choices.length === 0 ? "choices: none" : undefined,
        ),
      forms: completionForms,
    }),
    embeddings: embeddingsTask(preset),
    rerank: rerankTask(preset),
    moderations: moderationsTask(preset),
    images: { ...passedOn<"images">(preset, "images"), rawJson: true, parseResponse: readImages },
    speech: passedOn<"speech">(preset, "speech"),
    transcriptions: upload(preset),
  };
  const tasks = preset.tasks?.map((task) => [task, all[task]]);
  const offered: ProviderAdapter = tasks ? Object.fromEntries(tasks) : all;
  if (!preset.responses) return offered;
  const { responsesTools } = preset;
  const takes = responsesTools ? { takes: takesTools(responsesTools) } : {};
  return { ...offered, responses: { ...responsesTask, ...takes } };
}

type Offered = { readonly [T in PresetTask]: ProviderAdapter[T] };

const PATHS = {
  chat: "/chat/completions",
  completions: "/completions",
  embeddings: "/embeddings",
  moderations: "/moderations",
  images: "/images/generations",
  speech: "/audio/speech",
  transcriptions: "/audio/transcriptions",
} as const;

/** The path for translations, which are asked of routes of the task `transcriptions`. */
const TRANSLATIONS = "/audio/translations";

/** Chat, without what is odd about the preset's server. */
function chatTask(preset: Preset): HttpTask<"chat"> {
  const task = streaming<"chat">(preset, "chat", {
    object: "chat.completion.chunk",
    read: (text, { model }) => readCompletion(text, model),
    forms: chatForms,
  });
  const fit = createFitChat(preset);
  return {
    ...task,
    buildRequest: (input, model, connection) => task.buildRequest(fit(input, model), model, connection),
  };
}

/** How the answers of a task that streams are read. */
interface Streaming<T extends "chat" | "completions"> {
  /** What its chunks call themselves. */
  readonly object: string;
  readonly read: HttpTask<T>["parseResponse"];
  readonly forms: AnswerForms;
}

function streaming<T extends "chat" | "completions">(
  preset: Preset,
  task: T,
  { object, read, forms }: Streaming<T>,
): HttpTask<T> {
  const asks = preset.streamOptions !== false;
  return {
    kind: "http",
    buildRequest(input, model, connection) {
      const { stream_options: options, ...rest } = input;
      const asked = asks && input.stream === true ? { ...options, include_usage: true } : options;
      const body = { ...rest, model, ...(asks && asked !== undefined ? { stream_options: asked } : {}) };
      return ok(postJson(connection, pathOf(preset, task), adaptFields(preset, task, body)));
    },
    parseResponse: read,
    readUsage,
    readStream: ({ model }) => createEventReader({ object, model }),
    forms,
  };
}

/** A list of texts has a result for each; one of texts and pictures is a single input. */
function moderationsTask(preset: Preset): HttpTask<"moderations"> {
  const task = "moderations";
  return {
    kind: "http",
    buildRequest: (input, model, connection) =>
      ok(postJson(connection, pathOf(preset, task), adaptFields(preset, task, { ...input, model }))),
    parseResponse: (text, { input }) =>
      readAnswer(moderationsResponse, text, ({ results }) => {
        const isOne = typeof input === "string" || typeof input[0] !== "string";
        const isWhole = isOne ? results.length > 0 : results.length === input.length;
        return isWhole ? undefined : `${results.length} results for ${isOne ? 1 : input.length} inputs`;
      }),
    readUsage,
  };
}

const readImages: HttpTask<"images">["parseResponse"] = (text) => readAnswer(imagesResponse, text);

/** Sound and pictures are passed on as they come, unread. */
function passedOn<T extends "images" | "speech">(preset: Preset, task: T): HttpTask<T> {
  return {
    kind: "http",
    raw: true,
    buildRequest: (input, model, connection) =>
      ok(postJson(connection, pathOf(preset, task), adaptFields(preset, task, { ...input, model }))),
    parseResponse: () => err({ kind: "invalid_response", reason: `${task} is passed on unread` }),
  };
}

/** The client's form as it arrives; the flow that passes it on replaces the route's name by the model. */
function upload(preset: Preset): UploadTask {
  return {
    kind: "upload",
    buildRequest: (connection, asked) => ({
      url: connection.baseUrl + (asked === "translations" ? TRANSLATIONS : pathOf(preset, asked)),
      headers: authorize(connection),
    }),
  };
}

const pathOf = (preset: Preset, task: keyof typeof PATHS): string => preset.paths?.[task] ?? PATHS[task];
