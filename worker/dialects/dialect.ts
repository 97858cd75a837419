import type { ChatRequest, Task, TaskRequests } from "../contract/requests.ts";
import type { AnswerFailure, Connection } from "../domain/routing/adapter.ts";
import type { Result } from "../domain/result.ts";
import type { Block, Turn } from "./turn.ts";
import type { TurnHead } from "./turn-head.ts";

/** What becomes of tools that only the API's own servers have. */
export type UnavailableTools = NonNullable<Connection["unavailableTools"]>;

/**
 * Another API for chat: translates its requests to chat requests, and a chat's answer back. Pure. What has no
 * counterpart in chat is refused by name, not dropped; of tools that only the API's own servers have, the
 * route says whether they are.
 */
export interface Dialect<T extends Task> {
  /** Fails, as `invalid_input`, on the first field that has no counterpart in chat. */
  toChat(input: TaskRequests[T], unavailableTools: UnavailableTools): Result<ChatRequest, AnswerFailure>;
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
