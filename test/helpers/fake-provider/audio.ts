import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { asObject, asText, failure, ok } from "./reply.ts";
import type { JsonObject, Reply } from "./reply.ts";

/** Bytes that no text is made of, one part a word: enough for what buffers to show. */
const PART_BYTES = 40_000;

/** Answers `POST /v1/audio/speech` with as many parts of sound as the input has words. */
export function answerSpeech(body: JsonObject): Reply {
  const input = asText(body["input"]);
  if (input === "") return failure(400, "'input' is required.", "invalid_request");
  const format = asText(body["response_format"]) || "mp3";
  const parts = input.split(" ").flatMap((word) => (word === "" ? [] : [speak(word)]));
  return { kind: "bytes", contentType: format === "wav" ? "audio/wav" : "audio/mpeg", parts };
}

/** The sound of a word: its bytes with the high bit set, again and again. */
export function speak(word: string): Buffer {
  return Buffer.alloc(
    PART_BYTES,
    Buffer.from(word).map((byte) => byte | 0x80),
  );
}

/** Answers `POST /v1/audio/transcriptions` with what it was sent, in the format asked for. */
export function answerTranscription(form: JsonObject): Reply {
  const file = asObject(form["file"]);
  if (typeof form["model"] !== "string" || file["sha256"] === undefined) {
    return failure(400, "'model' and 'file' are required.", "invalid_request");
  }
  const text = `heard ${String(file["size"])} bytes of ${String(file["name"])}`;
  if (form["stream"] === "true") {
    const deltas = text.split(" ").map((delta) => ({ type: "transcript.text.delta", delta }));
    return { kind: "stream", events: [...deltas, { type: "transcript.text.done", text }] };
  }
  if (form["response_format"] === "srt") {
    const lines = `1\n00:00:00,000 --> 00:00:01,000\n${text}\n`;
    return { kind: "bytes", contentType: "application/x-subrip", parts: [Buffer.from(lines)] };
  }
  return ok({ text });
}

/** A form as the log keeps it: texts as they are, files by their name, type, size and digest. */
export async function readForm(bytes: Buffer, headers: IncomingHttpHeaders): Promise<JsonObject> {
  const init = { headers: { "content-type": headers["content-type"] ?? "" } };
  const form = await new Response(new Uint8Array(bytes), init).formData();
  const entries = [...form].map(async ([name, value]) => [name, await describe(value)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function describe(value: FormDataEntryValue): Promise<unknown> {
  if (typeof value === "string") return value;
  const sha256 = createHash("sha256")
    .update(new Uint8Array(await value.arrayBuffer()))
    .digest("hex");
  return { name: value.name, type: value.type, size: value.size, sha256 };
}
