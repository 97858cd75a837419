import type { EventReader, ServerSentEvent, StreamEvent } from "../../domain/routing/adapter.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { type Candidate, type Generated, generatedSchema, type UsageMetadata } from "./answer-schema.ts";
import { hasFailed, readFinishReason } from "./finish-reason.ts";
import { describe, type Naming, writeRefusal } from "./read-completion.ts";
import { readLogprobs } from "./read-logprobs.ts";
import { readParts } from "./read-parts.ts";
import { readUsage } from "./read-usage.ts";

/**
 * Reads one stream of generateContent answers into chat completion chunks. Google has no event that ends a
 * stream: the last answers have a `finishReason`, older models' answers all have one, counts may follow it,
 * and then the connection closes. So the end of the chat (finish reasons, usage and `[DONE]`) is emitted at
 * the clean end, and only if a reason came before it.
 */
export function readStream(fallback: Naming): EventReader {
  const reader = new ChatStream(fallback);
  return Object.assign((event: ServerSentEvent) => reader.read(event), { end: () => reader.end() });
}

interface Progress {
  calls: number;
  finishReason: string | undefined;
}

function findFailure({ error, candidates = [] }: Generated): string | undefined {
  if (error) return error.message ?? "unnamed";
  const failed = candidates.find(({ finishReason }) => hasFailed(finishReason));
  return failed && `the model broke off: ${failed.finishReason}`;
}

class ChatStream {
  readonly #candidates = new Map<number, Progress>();
  readonly #fallback: Naming;
  #head: Generated = {};
  #counts: UsageMetadata | undefined;
  #blockReason: string | undefined;

  constructor(fallback: Naming) {
    this.#fallback = fallback;
  }

  read({ data }: ServerSentEvent): StreamEvent {
    const read = parseAnswer(generatedSchema, data);
    if (!read.ok) return { kind: "error", reason: "an event has not the shape of an answer" };
    const { candidates = [], usageMetadata, promptFeedback, responseId, modelVersion } = read.value;
    const usage = usageMetadata ? readUsage(usageMetadata) : null;
    const reason = findFailure(read.value);
    if (reason !== undefined) return { kind: "error", reason, usage };
    this.#head = {
      responseId: responseId ?? this.#head.responseId,
      modelVersion: modelVersion ?? this.#head.modelVersion,
    };
    this.#counts = usageMetadata ?? this.#counts;
    this.#blockReason = promptFeedback?.blockReason ?? this.#blockReason;
    const choices = candidates.flatMap((candidate, at) => this.#readCandidate(candidate, at));
    const speaks = choices.length > 0;
    const emit = speaks ? this.#writeChunk({ choices }) : "";
    // Every event has the counts so far; clients get the last ones, at the end.
    if (usage) return { kind: "usage", usage, only: false, speaks, emit };
    return { kind: speaks ? "delta" : "comment", emit };
  }

  end(): readonly StreamEvent[] {
    const choices = this.#finish();
    if (choices.length === 0) return [];
    const events: StreamEvent[] = [{ kind: "comment", emit: this.#writeChunk({ choices }) }];
    if (this.#counts) {
      const usage = readUsage(this.#counts);
      events.push({ kind: "usage", usage, only: true, emit: this.#writeChunk({ choices: [], usage }) });
    }
    events.push({ kind: "done", emit: writeEvent("[DONE]") });
    return events;
  }

  #readCandidate(candidate: Candidate, at: number): object[] {
    const index = candidate.index ?? at;
    const known = this.#candidates.get(index);
    const progress = known ?? { calls: 0, finishReason: undefined };
    this.#candidates.set(index, progress);
    progress.finishReason = candidate.finishReason ?? progress.finishReason;
    const naming = { responseId: this.#head.responseId ?? "google", calls: progress.calls };
    const { content, ...said } = readParts(candidate, naming);
    progress.calls += said.tool_calls?.length ?? 0;
    const delta = {
      ...(known ? {} : { role: "assistant" }),
      ...(content === "" ? {} : { content }),
      ...said,
    };
    if (Object.keys(delta).length === 0) return [];
    const { logprobsResult } = candidate;
    const logprobs = logprobsResult ? { logprobs: readLogprobs(logprobsResult) } : {};
    return [{ index, delta, ...logprobs, finish_reason: null }];
  }

  /** The last chunk of each candidate; none where one of them has not ended. */
  #finish(): object[] {
    if (this.#candidates.size === 0 && this.#blockReason !== undefined) {
      const delta = { role: "assistant", refusal: writeRefusal(this.#blockReason) };
      return [{ index: 0, delta, finish_reason: "content_filter" }];
    }
    const all = [...this.#candidates];
    const finished = all.flatMap(([index, { finishReason, calls }]) =>
      finishReason === undefined
        ? []
        : [{ index, delta: {}, finish_reason: readFinishReason(finishReason, calls > 0) }],
    );
    return finished.length === all.length ? finished : [];
  }

  #writeChunk(chunk: object): string {
    const head = { ...describe(this.#head, this.#fallback), object: "chat.completion.chunk" };
    return writeEvent(JSON.stringify({ ...head, ...chunk }));
  }
}
