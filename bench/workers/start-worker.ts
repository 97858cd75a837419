/** Workers under measurement: each in a workerd of its own, reached on workerd's own socket. */
import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import type { V4WorkerOptions } from "miniflare";
import { WRANGLER_ENVIRONMENT } from "../../test/helpers/wrangler-environment.ts";
import { listChildren } from "../processes/process-use.ts";
import { pinServer } from "../processes/pin-process.ts";
import type { Server } from "../processes/start-upstream.ts";
import { findStorageFolder } from "./storage-folder.ts";

const HOST = "127.0.0.1";

export interface WorkerSource {
  readonly name: string;
  /** A directory with `index.js` and its data modules, or the text of one module. */
  readonly code: { readonly directory: string } | { readonly text: string };
  readonly bindings: Readonly<Record<string, string>>;
  /** The `wrangler.toml` that says what else it is given; nothing where absent. */
  readonly configPath?: string;
  readonly compatibilityFlags?: readonly string[];
  /** False takes the simulated Cache API away: every look-up is a miss, and nothing is kept. */
  readonly cache?: boolean;
  readonly inspected?: boolean;
  /** How long its queues wait for a fuller batch, where that is not to be what `wrangler.toml` says. */
  readonly batchTimeoutSeconds?: number;
  /** The most that V8's heap may take; unlimited where absent. */
  readonly heapMegabytes?: number;
}

export interface RunningWorker extends Server {
  /** Where V8's inspector of the Worker listens, where it was asked for. */
  readonly inspectorUrl: string | undefined;
}

/** Starts one at a time: its process is known by not having been there before. */
export async function startWorker(source: WorkerSource): Promise<RunningWorker> {
  const before = new Set(listChildren("workerd"));
  process.env["MINIFLARE_WORKERD_V8_FLAGS"] =
    source.heapMegabytes === undefined ? "" : `--max-heap-size=${source.heapMegabytes}`;
  process.env["TMPDIR"] = findStorageFolder();
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      host: HOST,
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      handleStructuredLogs: () => undefined,
      ...(source.inspected === true ? { inspectorPort: 0, inspectorHost: HOST } : {}),
      workers: [await describe(source)],
    }),
  );
  try {
    await runtime.ready;
    const { origin: url } = await runtime.unsafeGetDirectURL();
    const [pid] = listChildren("workerd").filter((each) => !before.has(each));
    if (pid === undefined) throw new Error(`the process of ${source.name} cannot be found`);
    await pinServer(pid);
    const inspectorUrl = source.inspected === true ? String(await runtime.getInspectorURL()) : undefined;
    return { url, pid, inspectorUrl, [Symbol.asyncDispose]: () => runtime.dispose() };
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
}

async function describe(source: WorkerSource): Promise<V4WorkerOptions> {
  const { name, code, bindings, compatibilityFlags = [], cache = true } = source;
  return {
    compatibilityDate: "2026-10-20",
    compatibilityFlags: [...compatibilityFlags],
    ...(source.configPath === undefined ? {} : await readConfigured(source.configPath, source)),
    name,
    bindings: { ...bindings },
    cacheAPI: cache,
    unsafeDirectSockets: [{ host: HOST, port: 0 }],
    ...("text" in code
      ? { modules: [{ type: "ESModule", path: "index.js", contents: code.text }] }
      : { modulesRoot: code.directory, modules: await listModules(code.directory) }),
  };
}

async function readConfigured(
  configPath: string,
  { batchTimeoutSeconds }: WorkerSource,
): Promise<Partial<V4WorkerOptions>> {
  Object.assign(process.env, WRANGLER_ENVIRONMENT);
  const { unstable_getMiniflareWorkerOptions: readOptions, unstable_readConfig: readConfig } =
    await import("wrangler");
  const { modulesRules: _, ...configured } = readOptions(readConfig({ config: configPath })).workerOptions;
  const { queueConsumers } = configured;
  if (batchTimeoutSeconds === undefined || !queueConsumers || Array.isArray(queueConsumers))
    return configured;
  const waiting = Object.entries(queueConsumers).map(([queue, consumer]) => {
    return [queue, { ...consumer, maxBatchTimeout: batchTimeoutSeconds }] as const;
  });
  return { ...configured, queueConsumers: Object.fromEntries(waiting) };
}

type Module = { readonly type: "ESModule" | "Data"; readonly path: string };

/** The modules of a build, the entry first. */
async function listModules(directory: string): Promise<Module[]> {
  const names = await readdir(directory);
  const modules = names.flatMap((name): Module[] => {
    const path = join(directory, name);
    if (extname(name) === ".js") return [{ type: "ESModule", path }];
    return extname(name) === ".bin" ? [{ type: "Data", path }] : [];
  });
  return modules.toSorted(
    (a, b) => Number(b.path.endsWith("/index.js")) - Number(a.path.endsWith("/index.js")),
  );
}
