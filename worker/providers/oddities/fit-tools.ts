import type { ChatRequest } from "../../contract/requests.ts";
import type { Oddities } from "../../contract/config/oddities.ts";
import { asObject, isObject, type JsonObject } from "../../domain/requests/json-object.ts";
import { fitKeywords, toOneObject } from "./fit-schema.ts";
import { withoutAdditions } from "./leave-out-additions.ts";

type Odd = Pick<Oddities, "parameters" | "keywords" | "additions">;

/** Fields about tools that servers refuse, or take for a mistake, where no tools are offered. */
const ABOUT_TOOLS = ["tools", "tool_choice", "parallel_tool_calls"] as const;
const ABOUT_FUNCTIONS = ["functions", "function_call"] as const;

/** Fits the tools of a request; gives the same request where there is nothing to do. */
export function fitTools(input: ChatRequest, odd: Odd): ChatRequest {
  const used = fitChoice(leaveOutUnused(leaveOutUnused(input, ABOUT_TOOLS), ABOUT_FUNCTIONS));
  const { tools } = used;
  const isFitting = !odd.parameters && !odd.keywords && !odd.additions;
  if (isFitting || !Array.isArray(tools)) return used;
  return { ...used, tools: (tools as readonly unknown[]).map((tool) => fitTool(tool, odd)) };
}

/** Leaves out an empty list of tools, and the choice among none. */
function leaveOutUnused(
  input: ChatRequest,
  [list, ...more]: typeof ABOUT_TOOLS | typeof ABOUT_FUNCTIONS,
): ChatRequest {
  const offered = input[list];
  const isEmpty = offered == null || (Array.isArray(offered) && offered.length === 0);
  if (!isEmpty || [list, ...more].every((name) => input[name] === undefined)) return input;
  const rest: Record<string, unknown> = { ...input };
  for (const name of [list, ...more]) delete rest[name];
  return rest as ChatRequest;
}

/** Gives a choice among tools as OpenAI's chat has it, where the client says it as another API has it. */
function fitChoice(input: ChatRequest): ChatRequest {
  const { tool_choice: choice } = input;
  const fitted = respellChoice(choice);
  return fitted === choice ? input : { ...input, tool_choice: fitted };
}

const CHOICES: ReadonlySet<unknown> = new Set(["none", "auto", "required", "any"]);

function respellChoice(choice: unknown): unknown {
  if (choice === "any") return "required";
  if (!isObject(choice)) return choice;
  const { type, name, ...more } = choice;
  if (Object.keys(more).length > 0) return choice;
  // The Responses API's, and Anthropic's.
  if ((type === "function" || type === "tool") && typeof name === "string")
    return { type: "function", function: { name } };
  return name === undefined && CHOICES.has(type) ? respellChoice(type) : choice;
}

function fitTool(tool: unknown, odd: Odd): unknown {
  const known = odd.additions ? withoutAdditions(tool) : tool;
  if (!isObject(known) || known["type"] !== "function") return known;
  const called = asObject(known["function"]);
  const { parameters } = called;
  return isObject(parameters)
    ? { ...known, function: { ...called, parameters: fitParameters(parameters, odd) } }
    : known;
}

function fitParameters(parameters: JsonObject, { parameters: shape, keywords }: Odd): JsonObject {
  const whole = shape ? toOneObject(parameters) : parameters;
  return keywords ? fitKeywords(whole, keywords) : whole;
}

/** Fits the schema of the answer that is asked for. */
export function fitFormat(input: ChatRequest, { keywords }: Odd): ChatRequest {
  const format = asObject(input["response_format"]);
  const described = asObject(format["json_schema"]);
  const { schema } = described;
  if (!keywords || !isObject(schema)) return input;
  const fitted = { ...described, schema: fitKeywords(schema, keywords) };
  return { ...input, response_format: { ...format, json_schema: fitted } };
}
