import type { AnswerForms } from "../../domain/routing/adapter.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import { asObject, type JsonObject } from "../../domain/requests/json-object.ts";

/** A whole answer of generateContent has the shape of an event, of which it is the only one. */
export const answerForms: AnswerForms = {
  split: (answer) => writeEvent(JSON.stringify(answer)),
  join(events) {
    const candidates = new Map<unknown, JsonObject>();
    let answer: JsonObject = {};
    for (const { candidates: came, ...rest } of events) {
      answer = { ...answer, ...rest };
      for (const [at, candidate] of (Array.isArray(came) ? came.map(asObject) : []).entries()) {
        const { index = at } = candidate;
        candidates.set(index, joinCandidate(candidates.get(index), candidate));
      }
    }
    return candidates.size === 0 ? answer : { ...answer, candidates: [...candidates.values()] };
  },
};

function joinCandidate(before: JsonObject | undefined, candidate: JsonObject): JsonObject {
  if (!before) return candidate;
  const parts = [before, candidate].flatMap(({ content }) => {
    const said = asObject(content)["parts"];
    return Array.isArray(said) ? (said as unknown[]) : [];
  });
  return { ...before, ...candidate, content: { role: "model", ...asObject(before["content"]), parts } };
}
