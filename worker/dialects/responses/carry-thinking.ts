/**
 * Nothing is stored here, so thinking is carried by the client: in the field for OpenAI's encrypted thinking,
 * which clients send back unread. It is the thinking that the same answer shows, and no secret.
 */
const PREFIX = "headrace.";

/** The thinking of an answer as its item has it, for clients that ask for encrypted thinking. */
export const packThinking = (text: string): string => PREFIX + btoa(encodeURIComponent(text.toWellFormed()));

/** The thinking that was packed; undefined where another server encrypted it. */
export function unpackThinking(packed: string): string | undefined {
  if (!packed.startsWith(PREFIX)) return undefined;
  try {
    return decodeURIComponent(atob(packed.slice(PREFIX.length)));
  } catch {
    return undefined;
  }
}
