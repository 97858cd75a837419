/** https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
const FINISH_REASONS: ReadonlyMap<string, string> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  /** A long turn with Anthropic's own tools was paused; the client sends the answer back to go on. */
  ["pause_turn", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "tool_calls"],
  ["refusal", "content_filter"],
]);

/** Translates why an answer ended; an unknown reason counts as a normal end. */
export const translateStopReason = (reason: string | null | undefined): string =>
  FINISH_REASONS.get(reason ?? "") ?? "stop";
