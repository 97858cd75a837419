import { isEventStream } from "../domain/answers/server-sent-events.ts";
import { resumeBytes } from "./peek-bytes.ts";

/** What a body is by its first bytes, and the whole of it to be read. */
export interface Sniffed {
  readonly is: "events" | "json" | "other";
  readonly body: ReadableStream<Uint8Array>;
}

/** Nothing yet, or a part of a field's name. */
const UNDECIDED = /^\s*[a-z]{0,5}$/;

/** Tells what a body is whose content type does not: waits for its first bytes. */
export async function sniffBody(body: ReadableStream<Uint8Array>): Promise<Sniffed> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const ahead: Uint8Array[] = [];
  let text = "";
  while (UNDECIDED.test(text)) {
    const { done, value } = await reader.read();
    if (done) break;
    ahead.push(value);
    text += decoder.decode(value, { stream: true });
  }
  const is = /^\s*[{[]/.test(text) ? "json" : isEventStream(text) ? "events" : "other";
  return { is, body: resumeBytes(ahead, reader) };
}
