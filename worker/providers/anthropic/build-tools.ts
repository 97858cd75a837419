import type { ChatRequest } from "../../contract/requests.ts";
import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { ok, type Result } from "../../domain/result.ts";
import { cacheControl } from "./build-content.ts";
import { asObject, isObject, type JsonObject } from "../../domain/requests/json-object.ts";
import { narrowSchema } from "./narrow-schema.ts";
import { refuse } from "./refuse.ts";

/** Both absent where the client offers no tools: Anthropic takes no choice among none. */
export interface Tools {
  readonly tools?: readonly JsonObject[];
  readonly tool_choice?: JsonObject;
}

/** Translates the tools a model may use, and whether it has to, may or must not. */
export function buildTools(input: ChatRequest): Result<Tools, AnswerFailure> {
  const offered = input["tools"];
  if (offered === undefined || offered === null) return ok({});
  if (!Array.isArray(offered)) return refuse("tools", "expected a list of tools");
  const allowed = readAllowed(input["tool_choice"]);
  const tools: JsonObject[] = [];
  for (const [index, tool] of (offered as readonly unknown[]).entries()) {
    if (allowed && !allowed.names.has(asObject(asObject(tool)["function"])["name"])) continue;
    const built = buildTool(tool, `tools[${index}]`);
    if (!built.ok) return built;
    tools.push(built.value);
  }
  if (tools.length === 0) return ok({});
  const choice = buildChoice(allowed ? allowed.mode : input["tool_choice"]);
  if (!choice.ok) return choice;
  const chosen = withParallel(choice.value, input["parallel_tool_calls"] === false);
  return ok(chosen ? { tools, tool_choice: chosen } : { tools });
}

/** OpenAI's choice among some of the tools, which Anthropic has not: the others are not offered. */
function readAllowed(choice: unknown) {
  const { mode, tools } = asObject(asObject(choice)["allowed_tools"]);
  if (!Array.isArray(tools)) return undefined;
  const names = (tools as readonly unknown[]).map((tool) => asObject(asObject(tool)["function"])["name"]);
  return { mode: mode === "required" ? mode : "auto", names: new Set(names) };
}

/** Whether the model is required to call a tool. */
export const isForced = ({ tool_choice: choice }: Tools): boolean =>
  choice?.["type"] === "any" || choice?.["type"] === "tool";

/** A tool that is not a function is sent unchanged: Anthropic's own (web search, ...) have their own types. */
function buildTool(tool: unknown, field: string): Result<JsonObject, AnswerFailure> {
  if (!isObject(tool)) return refuse(field, "expected a tool");
  if (isObject(tool["custom"])) return refuse(field, "Anthropic's models take functions, no free-form tools");
  if (tool["type"] !== "function") return ok(tool);
  const { name, description, parameters, strict } = asObject(tool["function"]);
  if (typeof name !== "string") return refuse(`${field}.function.name`, "expected a function's name");
  const schema = { type: "object", ...(isObject(parameters) ? parameters : { properties: {} }) };
  return ok({
    name,
    ...(typeof description === "string" ? { description } : {}),
    ...(strict === true ? { input_schema: narrowSchema(schema), strict } : { input_schema: schema }),
    ...cacheControl(tool),
  });
}

function buildChoice(choice: unknown): Result<JsonObject | undefined, AnswerFailure> {
  if (choice === undefined || choice === null) return ok(undefined);
  if (choice === "auto" || choice === "none") return ok({ type: choice });
  if (choice === "required") return ok({ type: "any" });
  const { type, function: wanted } = asObject(choice);
  if (type === "function") return ok({ type: "tool", name: asObject(wanted)["name"] });
  if (isObject(choice) && OWN_CHOICES.has(type)) return ok(choice);
  return refuse("tool_choice", "expected auto, none, required or a function");
}

/** Anthropic's own forms are sent unchanged. */
const OWN_CHOICES: ReadonlySet<unknown> = new Set(["auto", "any", "tool", "none"]);

function withParallel(choice: JsonObject | undefined, oneAtATime: boolean): JsonObject | undefined {
  if (!oneAtATime || choice?.["type"] === "none") return choice;
  return { ...(choice ?? { type: "auto" }), disable_parallel_tool_use: true };
}
