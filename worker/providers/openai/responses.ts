import * as z from "zod/mini";
import type { Usage } from "../../contract/responses.ts";
import type { EventReader, HttpTask, ServerSentEvent, StreamEvent } from "../../domain/routing/adapter.ts";
import { NO_ANSWER } from "../../domain/answers/no-answer.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";
import { err, ok } from "../../domain/result.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { postJson } from "./post-json.ts";
import { readTold } from "./read-told.ts";
import { responseForms } from "./response-forms.ts";

const count = z.number().check(z.nonnegative());
const optional = <T extends z.core.SomeType>(schema: T) => z.optional(z.nullable(schema));

const usageSchema = z.looseObject({
  input_tokens: count,
  output_tokens: count,
  total_tokens: optional(count),
  input_tokens_details: optional(z.looseObject({ cached_tokens: optional(count) })),
  output_tokens_details: optional(z.looseObject({ reasoning_tokens: optional(count) })),
});

const failed = z.looseObject({ message: optional(z.string()), code: optional(z.string()) });

/** How a failure is told that an answer or its stream tells of. */
const saysFailed = (error: unknown) => ({ reason: "the response has failed", told: readTold(error) });

const responseSchema = z.looseObject({
  object: z.literal("response"),
  status: z.optional(z.string()),
  output: z.array(z.looseObject({ type: z.string() })),
  error: optional(failed),
  usage: optional(usageSchema),
});

/** OpenAI's Responses API where the server has it; bodies, answers and events are passed on unchanged. */
export const responsesTask: HttpTask<"responses"> = {
  kind: "http",
  buildRequest: (input, model, connection) => ok(postJson(connection, "/responses", { ...input, model })),
  parseResponse(text) {
    const parsed = parseAnswer(responseSchema, text);
    if (!parsed.ok) return parsed;
    const { status, error, usage, output } = parsed.value;
    if (status === "failed") return err({ kind: "invalid_response", ...saysFailed(error) });
    // A model may say nothing, but then its status tells how it ended.
    if (status === undefined && output.length === 0)
      return err({ kind: "invalid_response", reason: "neither an output nor a status" });
    return ok({ body: text, usage: usage ? toUsage(usage) : null });
  },
  readUsage(text) {
    const parsed = parseAnswer(z.looseObject({ usage: optional(usageSchema) }), text);
    return parsed.ok && parsed.value.usage ? toUsage(parsed.value.usage) : null;
  },
  forms: responseForms,
  readStream: startToRead,
};

/** Clients get all events, and the last one has the usage; it is the end of an answer only where it has one. */
function startToRead(): EventReader {
  let said = false;
  const read = (event: ServerSentEvent): StreamEvent => {
    const told = readResponseEvent(event, said);
    said ||= told.kind === "delta";
    return told;
  };
  return Object.assign(read, { passesOn: "all" as const });
}

const eventSchema = z.looseObject({
  type: z.string(),
  ...failed.shape,
  /** Some servers nest it, as OpenAI's other APIs do. */
  error: optional(failed),
  response: z.optional(z.looseObject({ error: optional(failed), usage: optional(usageSchema) })),
});

/** Events that are a part of the answer, or tell how a call of OpenAI's own tools goes on. */
const SAYS = /\.delta$|_call\./;

/** Reads one event of a Responses stream, which ends with its last event and no `[DONE]`. */
function readResponseEvent(event: ServerSentEvent, said: boolean): StreamEvent {
  const parsed = parseAnswer(eventSchema, event.data);
  if (!parsed.ok)
    return { kind: "error", reason: `an event has not the shape of one: ${parsed.error.reason}` };
  const { type, response, error } = parsed.value;
  switch (type) {
    case "response.completed":
    case "response.incomplete":
      if (!said && !response) return NO_ANSWER;
      return endWith(event, response?.usage);
    case "response.failed":
      return {
        kind: "error",
        inForm: true,
        ...saysFailed(response?.error),
        usage: response?.usage ? toUsage(response.usage) : null,
      };
    case "error":
      return { kind: "error", inForm: true, ...saysFailed(error ?? parsed.value) };
    default:
      return { kind: SAYS.test(type) ? "delta" : "comment" };
  }
}

/** The last event has the usage, and every client gets it. */
function endWith(
  event: ServerSentEvent,
  usage: z.output<typeof usageSchema> | null | undefined,
): StreamEvent {
  if (!usage) return { kind: "done" };
  const emit = writeEvent(event.data, event.name);
  return {
    kind: "several",
    events: [{ kind: "usage", usage: toUsage(usage), only: false, emit }, { kind: "done" }],
  };
}

/** The same counts under the names the gateway uses everywhere: those of chat. */
function toUsage(usage: z.output<typeof usageSchema>): Usage {
  const { input_tokens: input, output_tokens: output } = usage;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: usage.total_tokens ?? input + output,
    prompt_tokens_details: {
      ...usage.input_tokens_details,
      cached_tokens: usage.input_tokens_details?.cached_tokens ?? 0,
    },
    completion_tokens_details: {
      ...usage.output_tokens_details,
      reasoning_tokens: usage.output_tokens_details?.reasoning_tokens ?? 0,
    },
  };
}
