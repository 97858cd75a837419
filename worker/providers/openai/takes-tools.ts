import type { TaskRequests } from "../../contract/requests.ts";
import { asObject, type JsonObject } from "../../domain/requests/json-object.ts";

type Input = TaskRequests["responses"];

/**
 * Whether a server's own Responses API takes a request, by the kinds of tools that it knows. A request that
 * continues a stored response has to go there whatever it brings: nobody else has the response.
 */
export const takesTools =
  (kinds: RegExp) =>
  (input: Input): boolean =>
    input["previous_response_id"] != null || [...kindsOf(input)].every((kind) => kinds.test(kind));

/** The kinds of tools that a request offers, or tells that they were used before. */
function* kindsOf({ tools, input }: Input): Generator<string> {
  for (const { type } of objectsOf(tools)) yield String(type);
  if (typeof input === "string") return;
  for (const item of objectsOf(input)) {
    const kind = kindOfItem(item);
    if (kind !== undefined) yield kind;
  }
}

/** The kind in the name of a call: `web_search_call`, `custom_tool_call_output`. */
const CALL = /^(\w+?)(?:_tool)?_call(?:_output)?$/;

function kindOfItem({ type, namespace, tools }: JsonObject): string | undefined {
  if (namespace != null) return "namespace";
  if (tools !== undefined) return String(type);
  return typeof type === "string" ? CALL.exec(type)?.[1] : undefined;
}

const objectsOf = (list: unknown): JsonObject[] => (Array.isArray(list) ? list.map(asObject) : []);
