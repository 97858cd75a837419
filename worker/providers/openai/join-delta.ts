import { asObject, type JsonObject } from "../../domain/requests/json-object.ts";

/** The fields whose parts are put together; of the others the last one counts. */
const TEXTS: ReadonlySet<string> = new Set([
  "content",
  "reasoning_content",
  "reasoning",
  "refusal",
  "arguments",
]);

/** A message as far as it has come, with what a delta adds to it. */
export function joinDelta(message: JsonObject, delta: JsonObject): JsonObject {
  const joined: Record<string, unknown> = { ...message };
  for (const [name, value] of Object.entries(delta)) {
    if (value === null || value === undefined) continue;
    const before = joined[name];
    if (name === "tool_calls" && Array.isArray(value)) joined[name] = joinCalls(before, value);
    else if (name === "function_call") joined[name] = joinDelta(asObject(before), asObject(value));
    else if (TEXTS.has(name) && typeof value === "string" && typeof before === "string")
      joined[name] = before + value;
    else joined[name] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
  }
  return joined;
}

/** Calls by their place among the calls, or by their id where they have no place. */
function joinCalls(before: unknown, parts: readonly unknown[]): JsonObject[] {
  const calls: JsonObject[] = Array.isArray(before) ? before.map(asObject) : [];
  for (const part of parts.map(asObject)) {
    const { index, id } = part;
    const at = calls.findIndex((call) =>
      typeof index === "number" ? call["index"] === index : typeof id !== "string" || call["id"] === id,
    );
    const call = calls[at];
    if (call) calls[at] = joinCall(call, part);
    else calls.push(part);
  }
  return calls;
}

function joinCall(call: JsonObject, { function: added, ...part }: JsonObject): JsonObject {
  const called = joinDelta(asObject(call["function"]), asObject(added));
  return {
    ...call,
    ...Object.fromEntries(Object.entries(part).filter(([, value]) => value !== null)),
    function: called,
  };
}
