import { asObject, isObject, type JsonObject } from "../../domain/requests/json-object.ts";

/** A message or delta with its calls as OpenAI has them: their arguments are JSON text. The same where they are. */
export function mendCalls(said: JsonObject): JsonObject {
  const calls = said["tool_calls"];
  const old = said["function_call"];
  const isOdd = (called: unknown) => isObject(asObject(called)["arguments"]);
  const odd = Array.isArray(calls) && calls.some((call) => isOdd(asObject(call)["function"]));
  if (!odd && !isOdd(old)) return said;
  return {
    ...said,
    ...(Array.isArray(calls) ? { tool_calls: calls.map(mendCall) } : {}),
    ...(isObject(old) ? { function_call: writeArguments(old) } : {}),
  };
}

function mendCall(call: unknown): unknown {
  const called = asObject(call)["function"];
  return isObject(call) && isObject(called) ? { ...call, function: writeArguments(called) } : call;
}

const writeArguments = (called: JsonObject): JsonObject =>
  isObject(called["arguments"]) ? { ...called, arguments: JSON.stringify(called["arguments"]) } : called;
