/**
 * The built Worker on a real port, in a workerd that the test shares with nothing.
 *
 * Requests reach workerd's own socket and its calls leave from workerd's own network stack. Both
 * matter: `wrangler dev` and wrangler's test harness put a proxy in front, which never tells the
 * Worker that the client has left, and the harness makes the Worker's upstream calls with Node's
 * fetch, which follows redirects, makes a reset body look complete and cannot be aborted.
 *
 * Two things to know. `request.cf` is absent unless the request brings it as JSON in `MF-CF-Blob`.
 * And a client that closes politely is noticed at the next write only: leave with `openRequest()`.
 */
import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Miniflare, V4WorkerOptions } from "miniflare";
import { WRANGLER_ENVIRONMENT } from "./wrangler-environment.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const HOST = "127.0.0.1";

export interface GatewayOptions {
  /** Variables and secrets alike; they win over those of the config, and .dev.vars is not read. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly configPath?: string;
  /** Where the build is; `out/` unless told. */
  readonly outDir?: string;
  /** A directory for storage that outlives the gateway; in a temporary one where absent. */
  readonly persistTo?: string;
  /** Whether V8's inspector of it can be opened. */
  readonly inspected?: boolean;
  /** Told of each line that the Worker writes to its console, as it comes. */
  readonly onLog?: (line: LogLine) => void;
}

export interface LogLine {
  readonly timestamp: number;
  readonly level: string;
  readonly message: string;
}

export interface Gateway extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  /** Where the inspector listens, where it was asked for. */
  readonly inspectorUrl: string | undefined;
  /** What the Worker has written to its console so far. */
  logs(): readonly LogLine[];
  /** The bindings of the Worker, as `env` has them. */
  bindings<Env>(): Promise<Env>;
  /** Runs the Worker's `scheduled` handler; rejects where it throws, or where there is none. */
  scheduled(cron: string): Promise<void>;
  /** Kills workerd (SIGKILL, so as good as a crash) and waits until it is gone. */
  stop(): Promise<void>;
}

/** Starts a gateway from the build in `outDir`; run `build-worker.ts` before. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  Object.assign(process.env, WRANGLER_ENVIRONMENT);
  const { Miniflare, convertV4MiniflareOptions } = await import("miniflare");
  const lines: LogLine[] = [];
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      host: HOST,
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      ...(options.inspected === true ? { inspectorPort: 0, inspectorHost: HOST } : {}),
      handleStructuredLogs: (line) => {
        lines.push(line);
        options.onLog?.(line);
      },
      ...(options.persistTo === undefined ? {} : { resourcePersistencePath: options.persistTo }),
      workers: await buildWorkers(options),
    }),
  );
  try {
    await runtime.ready;
    const inspectorUrl = options.inspected === true ? String(await runtime.getInspectorURL()) : undefined;
    return { ...describe(runtime, (await runtime.unsafeGetDirectURL()).origin, lines), inspectorUrl };
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
}

function describe(runtime: Miniflare, url: string, lines: readonly LogLine[]): Omit<Gateway, "inspectorUrl"> {
  const stop = (): Promise<void> => runtime.dispose();
  return {
    url,
    logs: () => [...lines],
    bindings: <Env>() => runtime.getBindings<Env>(),
    scheduled: async (cron) => {
      const worker = await runtime.getWorker();
      const { outcome } = await worker.scheduled({ cron });
      if (outcome !== "ok") throw new Error(`The scheduled handler ended with "${outcome}".`);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The Worker as its config describes it, over the modules of the build. */
async function buildWorkers(options: GatewayOptions): Promise<V4WorkerOptions[]> {
  const { unstable_getMiniflareWorkerOptions: readOptions, unstable_readConfig: readConfig } =
    await import("wrangler");
  const config = readConfig({ config: options.configPath ?? join(ROOT, "wrangler.toml") });
  const { workerOptions, externalWorkers } = readOptions(config);
  const { modulesRules: _, ...bindings } = workerOptions;
  const outDir = options.outDir ?? join(ROOT, "out");
  const worker: V4WorkerOptions = {
    ...bindings,
    name: config.name ?? "worker",
    bindings: { ...config.vars, ...options.vars },
    modulesRoot: outDir,
    modules: await listModules(outDir),
    unsafeDirectSockets: [{ host: HOST, port: 0 }],
  };
  return [worker, ...externalWorkers];
}

type Module = { readonly type: "ESModule" | "Data" | "CompiledWasm"; readonly path: string };
const MODULE_TYPES: Readonly<Record<string, Module["type"]>> = {
  ".js": "ESModule",
  ".bin": "Data",
  ".wasm": "CompiledWasm",
};

/** The modules of a build, the entry first: index.js is the one that is named without a hash. */
async function listModules(outDir: string): Promise<Module[]> {
  const names = await readdir(outDir);
  const modules = names.flatMap((name) => {
    const type = MODULE_TYPES[extname(name)];
    return type === undefined ? [] : [{ type, path: join(outDir, name) }];
  });
  return modules.toSorted(
    (a, b) => Number(b.path.endsWith("/index.js")) - Number(a.path.endsWith("/index.js")),
  );
}
