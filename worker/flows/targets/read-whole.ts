import type { Task, TaskRequests } from "../../contract/requests.ts";
import { groupEvents } from "../../domain/answers/group-events.ts";
import { cutEvents, isEventStream, readData } from "../../domain/answers/server-sent-events.ts";
import { readJsonObject } from "../../domain/requests/json-object.ts";
import { err, type Result } from "../../domain/result.ts";
import type { Answer, AnswerFailure, HttpTask } from "../../domain/routing/adapter.ts";

type Read = Result<Answer, AnswerFailure>;

/**
 * Reads a whole answer. Some servers stream whatever they are asked for, or write the end of a stream behind a
 * whole answer: that is read, too. A failure has what the answer says was used.
 */
export function readWhole(adapter: HttpTask<Task>, text: string, body: TaskRequests[Task]): Read {
  const answer = readLeniently(adapter, text, body);
  if (answer.ok || answer.error.usage) return answer;
  return err({ ...answer.error, usage: adapter.readUsage?.(cutEnd(text) ?? text) ?? null });
}

function readLeniently(adapter: HttpTask<Task>, text: string, body: TaskRequests[Task]): Read {
  const answer = adapter.parseResponse(text, body);
  if (answer.ok) return answer;
  const whole = cutEnd(text);
  if (whole !== undefined) return adapter.parseResponse(whole, body);
  return (isEventStream(text) ? readStream(adapter, text, body) : undefined) ?? answer;
}

/** The text without the end of a stream behind it; undefined where there is none. */
export function cutEnd(text: string): string | undefined {
  const whole = text.trimEnd();
  if (!whole.endsWith("[DONE]") || !/^\s*\{/.test(whole)) return undefined;
  return whole.slice(0, -"[DONE]".length).replace(/\s*(?:data:\s*)?$/, "");
}

/** The answer that a complete stream holds; undefined where the task does not stream. */
function readStream(adapter: HttpTask<Task>, text: string, body: TaskRequests[Task]): Read | undefined {
  const read = adapter.readStream?.(body);
  if (!read || !adapter.forms) return undefined;
  const { events } = cutEvents(`${text}\n\n`);
  const { end, usage } = groupEvents(events, read, true);
  if (end?.ok !== true) {
    const reason = end?.error.reason ?? "the stream ended before its last event";
    return err({ kind: "invalid_response", reason, usage });
  }
  const chunks = events
    .map((event) => readJsonObject(readData(event) ?? ""))
    .filter((chunk) => chunk !== undefined);
  return adapter.parseResponse(JSON.stringify(adapter.forms.join(chunks)), body);
}
