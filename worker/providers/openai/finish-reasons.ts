/** OpenAI's reasons to finish. */
const OWN: ReadonlySet<unknown> = new Set([
  "stop",
  "length",
  "tool_calls",
  "content_filter",
  "function_call",
]);

/** Those of servers of the same API (Mistral, TGI, Together, Zhipu, …), in OpenAI's words. */
const OTHERS: ReadonlyMap<unknown, string> = new Map([
  ["max_tokens", "length"],
  ["max_length", "length"],
  ["model_length", "length"],
  ["tool_call", "tool_calls"],
  ["tool_use", "tool_calls"],
  ["safety", "content_filter"],
  ["sensitive", "content_filter"],
  ["recitation", "content_filter"],
]);

/**
 * Why the model stopped, in OpenAI's words; another word is a plain stop. An answer that calls tools has not
 * stopped (Gemini, llama.cpp and others say so all the same): agents go on by this word. Null where there is none.
 */
export function mendReason(reason: unknown, hasCalls: boolean): unknown {
  if (reason === "" || reason == null) return reason === undefined ? undefined : null;
  const name = typeof reason === "string" ? reason.toLowerCase() : reason;
  const known = OWN.has(name) ? name : (OTHERS.get(name) ?? "stop");
  return known === "stop" && hasCalls ? "tool_calls" : known;
}
