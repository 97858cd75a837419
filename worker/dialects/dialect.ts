import type { ChatRequest, Task, TaskRequests } from "../contract/requests.ts";
import type { AnswerFailure } from "../domain/routing/adapter.ts";
import type { Result } from "../domain/result.ts";
import type { Block, Turn } from "./turn.ts";
import type { TurnHead } from "./turn-head.ts";

/**
 * Another API for chat: translates its requests to chat requests, and a chat's answer back. Pure. What has no
 * counterpart in chat is refused by name, not dropped.
 */
export interface Dialect<T extends Task> {
  /** Fails, as `invalid_input`, on the first field that has no counterpart in chat. */
  toChat(input: TaskRequests[T]): Result<ChatRequest, AnswerFailure>;
  /** A whole answer, as JSON text. */
  writeAnswer(turn: Turn, input: TaskRequests[T]): Result<string, AnswerFailure>;
  /** Starts one streamed answer. */
  openStream(input: TaskRequests[T]): TurnWriter;
}

/** Writes the events of a turn, in order; every method gives event stream text. */
export interface TurnWriter {
  start(head: TurnHead): string;
  open(block: Block): string;
  extend(block: Block, text: string): string;
  close(block: Block): string;
  end(turn: Turn): string;
}
