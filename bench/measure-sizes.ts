import { type BundleSize, DATA_PACKAGES, measureBundle } from "./bundle-size.ts";
import type { Load } from "./load/start-load.ts";
import { measureMemory, type MemoryReport } from "./memory.ts";
import type { Options } from "./options.ts";
import type { GoalRow } from "./report/results.ts";
import { measureStartup } from "./startup.ts";
import type { GatewaySource } from "./workers/build-workers.ts";

export interface Sizes {
  readonly sizes: readonly GoalRow[];
  readonly bundleParts: BundleSize["parts"];
  readonly memory: MemoryReport | undefined;
}

interface SizedBed {
  readonly gateway: GatewaySource;
  readonly load: Load;
  readonly say: (line: string) => void;
}

const MEGABYTE = 1024 * 1024;

/** The bundles, the start and the memory. */
export async function measureSizes({ memoryKeys, startupRuns }: Options, bed: SizedBed): Promise<Sizes> {
  bed.say(`filling an isolate's memory with ${memoryKeys.toLocaleString("en-US")} cache keys`);
  const memory = await measureMemory(bed.gateway, bed.load, memoryKeys);
  bed.say("building bundles, and starting the product's Worker");
  const code = await measureBundle("worker/index.ts", DATA_PACKAGES);
  const sdk = await measureBundle("sdk/index.ts");
  const sizes: GoalRow[] = [
    { what: "Worker's code, minified and gzipped", value: code.gzipBytes / 1024, goal: 220, unit: "KB" },
    { what: "SDK, minified and gzipped", value: sdk.gzipBytes / 1024, goal: 5, unit: "KB" },
    { what: "CPU of a start", value: await measureStartup(startupRuns), goal: 35, unit: "ms" },
    ...listMemory(memory),
  ];
  return { sizes, bundleParts: code.parts, memory };
}

function listMemory(memory: MemoryReport): GoalRow[] {
  const [keys, kept] = [memory.keys, memory.kept].map((count) => count.toLocaleString("en-US"));
  const row = (what: string, bytes: number): GoalRow => ({ what, value: bytes / MEGABYTE, unit: "MB" });
  return [
    {
      ...row(`memory tier after ${keys} keys, ${kept} kept`, memory.keptBytes),
      goal: memory.boundBytes / MEGABYTE,
    },
    row("V8's heap and buffers after that", memory.heldAfter),
    row("workerd's RAM before", memory.before),
    row("workerd's RAM after, with what V8 has not collected", memory.after),
  ];
}
