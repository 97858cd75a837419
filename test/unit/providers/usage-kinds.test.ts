import { describe, expect, it } from "vitest";
import type { Task, TaskRequests } from "../../../worker/contract/requests.ts";
import type { Usage } from "../../../worker/contract/responses.ts";
import { groupEvents } from "../../../worker/domain/answers/group-events.ts";
import { computeCost } from "../../../worker/domain/money/cost.ts";
import type { HttpTask, ProviderAdapter } from "../../../worker/domain/routing/adapter.ts";
import { ANTHROPIC_BASE_URL, createAnthropic } from "../../../worker/providers/anthropic/adapter.ts";
import { createGoogle, GOOGLE_BASE_URL } from "../../../worker/providers/google/adapter.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { withDialects } from "../../../worker/providers/with-dialects.ts";
import { valueOf } from "../unwrap-result.ts";

const anthropic = withDialects(createAnthropic(() => 0));
const google = withDialects(createGoogle(() => 0));
const openai = withDialects(createOpenai({ responses: true }));

interface Answered {
  readonly by: ProviderAdapter;
  readonly as: Task;
  readonly at: { readonly model: string; readonly baseUrl: string };
  /** A whole answer, or the events of a stream. */
  readonly answer: object | readonly object[];
  /** Millionths of a dollar, worked out by hand. */
  readonly microUsd: number;
}

function readUse({ by, as, answer }: Answered): Usage | null {
  const task = by[as] as HttpTask<Task>;
  const asked = { model: "m", messages: [], input: "", max_tokens: 9 } as unknown as TaskRequests[Task];
  if (!Array.isArray(answer)) return valueOf(task.parseResponse(JSON.stringify(answer), asked)).usage;
  const reader = task.readStream?.(asked);
  if (!reader) throw new Error("the task does not stream");
  const group = groupEvents(
    answer.map((event) => `data: ${JSON.stringify(event)}\n\n`),
    reader,
    true,
  );
  expect(group.end?.ok).toBe(true);
  return group.usage;
}

function costOf(answered: Answered): number | undefined {
  const { model, baseUrl } = answered.at;
  const connection = { baseUrl, apiKey: undefined, headers: {} };
  const rest = {
    label: "x",
    provider: "p",
    price: undefined,
    adapter: answered.by,
    runsIn: "provider",
    conditions: [],
  } as const;
  return computeCost(readUse(answered), { ...rest, model, connection });
}

const opus = { model: "claude-opus-4-1", baseUrl: ANTHROPIC_BASE_URL };
const flash = { model: "gemini-2.5-flash", baseUrl: GOOGLE_BASE_URL };
const drawing = { model: "gemini-2.5-flash-image", baseUrl: GOOGLE_BASE_URL };
const speaking = { model: "gpt-audio", baseUrl: "https://api.openai.com/v1" };

// 10 plain at $15 a million, 200 read at $1.50, 1000 written for five minutes at $18.75, 3000 for an hour at
// $30; 20 of output at $75.
const CACHED = {
  input_tokens: 10,
  cache_read_input_tokens: 200,
  cache_creation_input_tokens: 4000,
  cache_creation: { ephemeral_5m_input_tokens: 1000, ephemeral_1h_input_tokens: 3000 },
  output_tokens: 20,
};
const CACHED_MICRO_USD = 150 + 300 + 18_750 + 90_000 + 1500;
const message = { type: "message", content: [{ type: "text", text: "Hi" }], stop_reason: "end_turn" };
const messageEvents = [
  { type: "message_start", message: { ...message, content: [], usage: { ...CACHED, output_tokens: 1 } } },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 20 } },
  { type: "message_stop" },
];
const { cache_creation_input_tokens: _, ...onlyByKind } = CACHED;

// 100 of text at $0.30, 400 of audio at $1, of which 100 from the cache at $0.10; 10 of output at $2.50.
const HEARD = {
  promptTokenCount: 500,
  cachedContentTokenCount: 100,
  candidatesTokenCount: 10,
  promptTokensDetails: [
    { modality: "TEXT", tokenCount: 100 },
    { modality: "AUDIO", tokenCount: 400 },
  ],
  cacheTokensDetails: [{ modality: "AUDIO", tokenCount: 100 }],
};
const HEARD_MICRO_USD = 30 + 300 + 10 + 25;
const candidates = [{ content: { parts: [{ text: "Hi" }] }, finishReason: "STOP" }];

// 1000 of input at $0.30; 1300 of output, of which 1290 a picture at $30 and 10 text at $2.50.
const DRAWN = {
  promptTokenCount: 1000,
  candidatesTokenCount: 1300,
  candidatesTokensDetails: [{ modality: "IMAGE", tokenCount: 1290 }],
};

// 30 of text at $2.50, 70 of audio at $32; 5 of text at $10, 15 of audio at $64.
const SPOKEN = {
  prompt_tokens: 100,
  completion_tokens: 20,
  prompt_tokens_details: { audio_tokens: 70, cached_tokens: 0 },
  completion_tokens_details: { audio_tokens: 15 },
};
const SPOKEN_MICRO_USD = 75 + 2240 + 50 + 960;
const choice = { index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" };
const chunks = [
  { choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: "stop" }] },
  { choices: [], usage: SPOKEN },
];
const spokenResponse = {
  object: "response",
  status: "completed",
  output: [],
  usage: {
    input_tokens: 100,
    output_tokens: 20,
    input_tokens_details: { audio_tokens: 70, cached_tokens: 0 },
    output_tokens_details: { audio_tokens: 15, reasoning_tokens: 0 },
  },
};

describe("tokens that have prices of their own are charged at these, wherever a provider counts them", () => {
  it.each<[string, Answered]>([
    [
      "a cache of an hour",
      {
        by: anthropic,
        as: "chat",
        at: opus,
        answer: { ...message, usage: CACHED },
        microUsd: CACHED_MICRO_USD,
      },
    ],
    [
      "the same, untranslated",
      {
        by: anthropic,
        as: "messages",
        at: opus,
        answer: { ...message, usage: CACHED },
        microUsd: CACHED_MICRO_USD,
      },
    ],
    [
      "the same, as a response",
      {
        by: anthropic,
        as: "responses",
        at: opus,
        answer: { ...message, usage: CACHED },
        microUsd: CACHED_MICRO_USD,
      },
    ],
    [
      "the same, by kind only",
      {
        by: anthropic,
        as: "chat",
        at: opus,
        answer: { ...message, usage: onlyByKind },
        microUsd: CACHED_MICRO_USD,
      },
    ],
    [
      "the same, streamed",
      { by: anthropic, as: "chat", at: opus, answer: messageEvents, microUsd: CACHED_MICRO_USD },
    ],
    [
      "the same, streamed and untranslated",
      { by: anthropic, as: "messages", at: opus, answer: messageEvents, microUsd: CACHED_MICRO_USD },
    ],
    [
      "audio that Gemini hears",
      {
        by: google,
        as: "chat",
        at: flash,
        answer: { candidates, usageMetadata: HEARD },
        microUsd: HEARD_MICRO_USD,
      },
    ],
    [
      "the same, streamed",
      {
        by: google,
        as: "messages",
        at: flash,
        answer: [{ candidates, usageMetadata: HEARD }],
        microUsd: HEARD_MICRO_USD,
      },
    ],
    [
      "pictures that Gemini draws",
      {
        by: google,
        as: "chat",
        at: drawing,
        answer: { candidates, usageMetadata: DRAWN },
        microUsd: 300 + 38_700 + 25,
      },
    ],
    [
      "audio of a chat",
      {
        by: openai,
        as: "chat",
        at: speaking,
        answer: { choices: [choice], usage: SPOKEN },
        microUsd: SPOKEN_MICRO_USD,
      },
    ],
    [
      "the same, streamed",
      { by: openai, as: "chat", at: speaking, answer: chunks, microUsd: SPOKEN_MICRO_USD },
    ],
    [
      "audio of a response",
      { by: openai, as: "responses", at: speaking, answer: spokenResponse, microUsd: SPOKEN_MICRO_USD },
    ],
  ])("%s", (_name, answered) => {
    expect((costOf(answered) ?? 0) * 1e6).toBeCloseTo(answered.microUsd, 6);
  });
});
