import type { ChatRequest } from "../../contract/requests.ts";
import { asObject, isObject } from "../../domain/requests/json-object.ts";

type Message = ChatRequest["messages"][number];

/** Whether a request is in OpenAI's form from before tools. */
export const usesFunctions = (input: ChatRequest): boolean =>
  Array.isArray(input["functions"]) ||
  input.messages.some((message) => message.role === "function" || isObject(message["function_call"]));

/** The same request with tools. Its functions are called one at a time, for the old form has no more. */
export function toTools({ functions, function_call: choice, ...input }: ChatRequest): ChatRequest {
  const messages = readMessages(input.messages);
  if (!Array.isArray(functions) || functions.length === 0) return { ...input, messages };
  const tools = functions.map((definition: unknown) => ({ type: "function", function: definition }));
  const chosen = isObject(choice) ? { type: "function", function: { name: choice["name"] } } : choice;
  return {
    ...input,
    messages,
    tools,
    ...(chosen === undefined || chosen === null ? {} : { tool_choice: chosen }),
    parallel_tool_calls: false,
  };
}

/** Calls had no ids then: each result is of the call before it. */
function readMessages(messages: readonly Message[]): Message[] {
  let calls = 0;
  return messages.map((message) => {
    if (message.role === "function") {
      return { role: "tool", tool_call_id: `call_${calls}`, content: message["content"] };
    }
    const { function_call: call, ...rest } = message;
    if (!isObject(call)) return message;
    const { name, arguments: json } = asObject(call);
    calls++;
    return {
      ...rest,
      tool_calls: [{ id: `call_${calls}`, type: "function", function: { name, arguments: json } }],
    };
  });
}
