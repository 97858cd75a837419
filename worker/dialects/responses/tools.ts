import type { TaskRequests } from "../../contract/requests.ts";
import { asObject, type JsonObject, readJsonObject } from "../../domain/requests/json-object.ts";

type Input = TaskRequests["responses"];

/** One tool that a request offers, and where in the request it stands. */
export interface Offered {
  /** Its name among the functions of the chat. */
  readonly chatName: string;
  readonly type: string;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly tool: JsonObject;
  readonly path: string;
}

/** Its tools are offered as if they stood alone. */
const NO_NAMESPACE = "functions";
/** No server takes longer names of functions. */
const MAX_NAME = 64;

/**
 * The tools of a request, flat: chat has functions and no namespaces of them. Codex also sends tools among
 * the items of the input.
 */
export function listTools({ tools, input }: Input): Offered[] {
  const offered: Offered[] = [];
  const taken = new Set<string>();
  const add = (tool: JsonObject, path: string, namespace?: string) => {
    const name = typeof tool["name"] === "string" ? tool["name"] : undefined;
    const chatName = nameFreely(flatten(name ?? "", namespace), taken);
    offered.push({ chatName, type: String(tool["type"]), name, namespace, tool, path });
  };
  for (const { tool, path } of [...standAlone(tools, "tools"), ...amongItems(input)]) {
    if (tool["type"] !== "namespace") add(tool, path);
    else {
      const namespace = tool["name"] === NO_NAMESPACE ? undefined : String(tool["name"]);
      for (const each of standAlone(tool["tools"], `${path}.tools`)) add(each.tool, each.path, namespace);
    }
  }
  return offered;
}

function standAlone(tools: unknown, path: string) {
  if (!Array.isArray(tools)) return [];
  return tools.map((tool, index) => ({ tool: asObject(tool), path: `${path}[${index}]` }));
}

const amongItems = (input: Input["input"]) =>
  Array.isArray(input)
    ? input.flatMap(({ type, tools }, index) =>
        TOOL_ITEMS.has(type) ? standAlone(tools, `input[${index}].tools`) : [],
      )
    : [];

/** Items that bring tools. */
const TOOL_ITEMS: ReadonlySet<unknown> = new Set(["additional_tools", "tool_search_output"]);
export const bringsTools = (item: JsonObject): boolean => TOOL_ITEMS.has(item["type"]);

function flatten(name: string, namespace: string | undefined): string {
  if (namespace === undefined) return name;
  const separator = namespace.endsWith("__") ? "" : "__";
  return (namespace + separator + name).replace(/[^\w-]/g, "_").slice(0, MAX_NAME);
}

/** The name, or the nearest one that no tool before it has. */
function nameFreely(name: string, taken: Set<string>): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name.slice(0, MAX_NAME - 4)}_${count}`;
  taken.add(free);
  return free;
}

/** The parameters of a function in place of a tool that takes free text. */
export const FREE_TEXT = {
  type: "object",
  properties: { input: { type: "string", description: "The tool's whole input, as plain text." } },
  required: ["input"],
  additionalProperties: false,
};

/** A tool's description with the grammar that its input has to follow. */
export function describeFreeText({ description, format }: JsonObject): string | undefined {
  const { syntax, definition } = asObject(format);
  const said = typeof description === "string" ? description : "";
  const rule =
    typeof definition === "string" ? `The input follows this ${String(syntax)} grammar:\n${definition}` : "";
  return [said, rule].filter((text) => text !== "").join("\n\n") || undefined;
}

export const writeFreeText = (input: string): string => JSON.stringify({ input });

/** The free text that a call's arguments hold; the arguments themselves where they are no such object. */
export function readFreeText(json: string): string {
  const { input } = readJsonObject(json) ?? {};
  // A model that has not kept to the parameters has written the text itself.
  return typeof input === "string" ? input : json;
}

/** What a tool of a request is called in its answer; undefined for one that was not offered. */
export function findOffered(input: Input): (chatName: string) => Offered | undefined {
  let byName: ReadonlyMap<string, Offered> | undefined;
  return (chatName) => {
    byName ??= new Map(listTools(input).map((offered) => [offered.chatName, offered]));
    return byName.get(chatName);
  };
}
