import type { AnswerForms } from "../../domain/routing/adapter.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { isObject } from "../../domain/requests/json-object.ts";
import { chatForms as openai } from "../openai/chat-forms.ts";
import { writeText } from "./read-chat.ts";

/** A whole reply has the shape of an event; newer models answer as OpenAI does. */
export const chatForms: AnswerForms = {
  split: (reply) => openai.split(reply) ?? writeEvent(JSON.stringify(reply)) + writeEvent("[DONE]"),
  join(events) {
    if (events.some(({ choices }) => Array.isArray(choices))) return openai.join(events);
    const said = events.flatMap(({ response }) => (response == null || response === "" ? [] : response));
    const calls = events.flatMap(({ tool_calls: called }) =>
      Array.isArray(called) ? (called as unknown[]) : [],
    );
    const usage = events.findLast((event) => isObject(event["usage"]))?.["usage"];
    // In JSON mode the one response is the value itself.
    return {
      response: said.length === 1 ? said[0] : said.map(writeText).join(""),
      tool_calls: calls,
      ...(usage ? { usage } : {}),
    };
  },
};
