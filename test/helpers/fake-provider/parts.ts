import type { Reply } from "./reply.ts";
import type { Head } from "./step.ts";

const DONE = Buffer.from("data: [DONE]\n\n");

/** The parts `after` counts: a stream's events with [DONE] last, a JSON body's halves, or a sound's parts. */
export function toParts(reply: Reply): readonly Buffer[] {
  if (reply.kind === "bytes") return reply.parts;
  if (reply.kind === "stream") {
    return [...reply.events.map(toEvent), ...(reply.done === false ? [] : [DONE])];
  }
  const bytes = Buffer.from(JSON.stringify(reply.body));
  const middle = bytes.length >> 1;
  return [bytes.subarray(0, middle), bytes.subarray(middle)];
}

/** The status and headers a provider sends with a reply. */
export function buildHead(reply: Reply): Head {
  if (reply.kind === "json") {
    return { step: "head", status: reply.status, headers: { "content-type": "application/json" } };
  }
  if (reply.kind === "bytes") {
    return { step: "head", status: 200, headers: { "content-type": reply.contentType } };
  }
  return {
    step: "head",
    status: 200,
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
  };
}

/** A well-formed chunk whose one line has `sizeBytes` bytes. */
export function longEvent(sizeBytes: number): Buffer {
  const [before = "", after = ""] = JSON.stringify({
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta: { content: "|" }, finish_reason: null }],
  }).split("|");
  const filler = "a".repeat(Math.max(0, sizeBytes - before.length - after.length - "data: ".length));
  return Buffer.from(`data: ${before}${filler}${after}\n\n`);
}

/** Two halves that meet inside the first multi-byte character, or the whole where there is none. */
export function breakInsideCharacter(bytes: Buffer): readonly Buffer[] {
  const start = bytes.findIndex((byte) => byte >= 0xc0);
  return start === -1 ? [bytes] : [bytes.subarray(0, start + 1), bytes.subarray(start + 1)];
}

/** A server-sent event that holds a value as JSON. */
export function toEvent(event: unknown): Buffer {
  return Buffer.from(`data: ${JSON.stringify(event)}\n\n`);
}
