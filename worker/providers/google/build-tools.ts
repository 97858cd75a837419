import type { ChatInput } from "./chat-input.ts";

type GoogleTool = Readonly<Record<string, unknown>>;

/** Functions are declared together, by JSON Schema; Google's own tools go as they are. */
export function buildTools({ tools, web_search_options: search }: ChatInput): GoogleTool[] | undefined {
  const declarations = (tools ?? []).flatMap((tool) => {
    if (tool.type !== "function") return [];
    const { name, description, parameters } = tool.function;
    return { name, description: description ?? undefined, parametersJsonSchema: parameters ?? undefined };
  });
  const built = [
    ...(declarations.length > 0 ? [{ functionDeclarations: declarations }] : []),
    ...(tools ?? []).filter((tool) => tool.type !== "function"),
    ...(search ? [{ googleSearch: {} }] : []),
  ];
  return built.length > 0 ? built : undefined;
}

const MODES = { none: "NONE", auto: "AUTO", required: "ANY" } as const;

/**
 * `VALIDATED` is Google's "text or one of these": `AUTO` takes no names. A choice without functions, be there
 * tools of Google's own, is an error to Google.
 */
export function buildToolConfig({ tools: offered, tool_choice: choice }: ChatInput): object | undefined {
  if (choice === null || choice === undefined) return undefined;
  if (!offered?.some(({ type }) => type === "function")) return undefined;
  if (typeof choice === "string") return { functionCallingConfig: { mode: MODES[choice] } };
  if (choice.type === "function") return only("ANY", [choice]);
  const { mode, tools } = choice.allowed_tools;
  return only(mode === "required" ? "ANY" : "VALIDATED", tools);
}

const only = (mode: string, tools: readonly { readonly function: { readonly name: string } }[]) => ({
  functionCallingConfig: { mode, allowedFunctionNames: tools.map((tool) => tool.function.name) },
});
