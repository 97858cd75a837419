/** Google's reasons to stop, https://ai.google.dev/api/generate-content#FinishReason, in OpenAI's words. */
const FILTERED: ReadonlySet<string> = new Set([
  "SAFETY",
  "RECITATION",
  "LANGUAGE",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
]);

/** The model's output was malformed: a client cannot use it, and a repeat may succeed. */
const FAILED: ReadonlySet<string> = new Set([
  "MALFORMED_FUNCTION_CALL",
  "MALFORMED_RESPONSE",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
  "MISSING_THOUGHT_SIGNATURE",
]);

export const hasFailed = (reason: string | undefined): boolean => reason !== undefined && FAILED.has(reason);

/** Google says STOP for calls too. Reasons yet to come count as a plain stop. */
export function readFinishReason(reason: string, calls: boolean): string {
  if (reason === "MAX_TOKENS") return "length";
  if (FILTERED.has(reason)) return "content_filter";
  return calls ? "tool_calls" : "stop";
}
