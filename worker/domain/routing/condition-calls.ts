import type { ASTNode } from "@marcbachmann/cel-js";
import type { Range } from "./condition-place.ts";

/** All that a condition may call. */
const CALLS: ReadonlySet<string> = new Set([
  "has",
  "size",
  "startsWith",
  "endsWith",
  "contains",
  "lowerAscii",
  "upperAscii",
  "int",
  "double",
  "string",
  "exists",
  "all",
]);

/** Those that go through a list; one inside another would take the time of the list's square. */
const LOOPS: ReadonlySet<string> = new Set(["exists", "all"]);

/** What is wrong with a call, and where. */
interface Forbidden {
  readonly range: Range;
  readonly message: string;
}

/**
 * Finds what a condition may not do: call anything else, or go through a list for each entry of a list. Pure
 * checks of the parsed tree; undefined where all is allowed.
 */
export function findForbidden(node: ASTNode, inLoop = false): Forbidden | undefined {
  const call = callOf(node);
  if (call !== undefined && !CALLS.has(call)) return { range: node.range, message: refuseCall(call) };
  if (inLoop && call !== undefined && LOOPS.has(call))
    return { range: node.range, message: `${call} in another loop would take too long` };
  if (inLoop && node.op === "id" && node.args === "request")
    return { range: node.range, message: "request is not for loops: read it outside" };
  const { over, inside } = childrenOf(node, call);
  return firstOf(over, inLoop) ?? firstOf(inside, true);
}

function firstOf(nodes: readonly ASTNode[], inLoop: boolean): Forbidden | undefined {
  for (const node of nodes) {
    const found = findForbidden(node, inLoop);
    if (found) return found;
  }
  return undefined;
}

const callOf = (node: ASTNode): string | undefined =>
  node.op === "call" || node.op === "rcall" ? node.args[0] : undefined;

/** A node's parts; those of a loop that are evaluated for each entry apart. */
function childrenOf(node: ASTNode, call: string | undefined) {
  if (node.op === "rcall" && call !== undefined && LOOPS.has(call))
    return { over: [node.args[1]], inside: node.args[2] };
  return { over: [node.args].flat(3).filter(isNode), inside: [] };
}

const isNode = (part: unknown): part is ASTNode => typeof part === "object" && part !== null && "op" in part;

const refuseCall = (name: string): string =>
  name === "matches"
    ? "matches may take for ever on some texts; use startsWith, endsWith or contains"
    : `${name} is not for conditions; there are: ${[...CALLS].join(", ")}`;
