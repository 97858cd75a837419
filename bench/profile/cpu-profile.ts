import { readFile } from "node:fs/promises";
import { SourceMap } from "node:module";

/** V8's CPU profile, as far as it is read here; positions count from 0. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly children?: readonly number[];
}

/** Time that a function spent by itself, what it called of the runtime included. */
export interface OwnTime {
  /** The file it was written in; the name in brackets where it was not: `(program)`. */
  readonly file: string;
  readonly functionName: string;
  readonly microseconds: number;
}

/** Sums the samples by the function of a source file on top of the stack, idle time left out. */
export function sumOwnTimes(profile: CpuProfile, locate: Locate): OwnTime[] {
  const owners = findOwners(profile, locate);
  const sums = new Map<string, OwnTime>();
  for (const [at, id] of profile.samples.entries()) {
    const owner = owners.get(id);
    if (!owner || owner.functionName === "(idle)") continue;
    const key = `${owner.file} ${owner.functionName}`;
    const microseconds = (sums.get(key)?.microseconds ?? 0) + Math.max(0, profile.timeDeltas[at] ?? 0);
    sums.set(key, { ...owner, microseconds });
  }
  return [...sums.values()].toSorted((a, b) => b.microseconds - a.microseconds);
}

type Owner = Omit<OwnTime, "microseconds">;

/** For each node itself, or for one of the runtime's the nearest caller that is code of the Worker. */
function findOwners(profile: CpuProfile, locate: Locate): ReadonlyMap<number, Owner> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const owners = new Map<number, Owner>();
  const visit = (node: ProfileNode, caller: Owner): void => {
    const owner = findOwner(node, caller, locate);
    owners.set(node.id, owner);
    for (const id of node.children ?? []) {
      const child = nodes.get(id);
      if (child) visit(child, owner);
    }
  };
  const [root] = profile.nodes;
  if (root) visit(root, { file: "(runtime)", functionName: "(runtime)" });
  return owners;
}

/** V8's own entries, as `(garbage collector)`, stand for themselves. */
function findOwner({ callFrame }: ProfileNode, caller: Owner, locate: Locate): Owner {
  const { functionName: name, lineNumber } = callFrame;
  const file = locate(callFrame);
  if (file !== undefined) return { file, functionName: name === "" ? `(line ${lineNumber + 1})` : name };
  if (name.startsWith("(") && name !== "(root)") return { file: name, functionName: name };
  const [calledBy = ""] = caller.functionName.split(" > ");
  const inRuntime = caller.file === "(runtime)" || name === "" || name === "(root)";
  return inRuntime ? caller : { file: caller.file, functionName: `${calledBy} > ${name}` };
}

/** The source file of a place in the bundle; undefined for code of the runtime. */
export type Locate = (place: ProfileNode["callFrame"]) => string | undefined;

/** Reads a bundle's source map; files are named from the project's root. */
export async function loadLocate(mapPath: string): Promise<Locate> {
  const map = new SourceMap(JSON.parse(await readFile(mapPath, "utf8")));
  return ({ url, lineNumber, columnNumber }) => {
    if (!url.endsWith("index.js")) return undefined;
    const entry = map.findEntry(lineNumber, columnNumber);
    if (!("originalSource" in entry)) return "(bundle)";
    return entry.originalSource.replace(/^(?:\.\.\/)+/, "").replace(/^.*node_modules\//, "node_modules/");
  };
}
