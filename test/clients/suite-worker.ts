import type { SdkModules } from "./sdk-modules.ts";
import type { SuiteTarget } from "./sdk-suite.ts";

/** Answers `POST { name, target }` with what `runCase` gives. */
const WORKER = `
import * as sdk from "./headrace.js";
import * as jobs from "./jobs.js";
import * as webhooks from "./webhooks.js";
import { runCase } from "./suite.js";

export default {
  async fetch(request) {
    const { name, target } = await request.json();
    return Response.json(await runCase(name, { ...target, sdk, jobs, webhooks }));
  },
};
`;

/** The suite inside workerd: a Worker that imports the published SDK. */
export interface SuiteWorker {
  run(name: string, target: SuiteTarget): Promise<string | null>;
  stop(): Promise<void>;
}

/** Starts a workerd whose requests and calls go through its own sockets, not through Node. */
export async function startSuiteWorker({ files }: SdkModules): Promise<SuiteWorker> {
  const { Miniflare, convertV4MiniflareOptions } = await import("miniflare");
  const host = "127.0.0.1";
  const module = (path: string, contents: string) => ({ type: "ESModule" as const, path, contents });
  const worker = {
    name: "caller",
    compatibilityDate: "2026-10-20",
    modulesRoot: "/",
    modules: [
      module("/worker.js", WORKER),
      ...Object.entries(files).map(([name, text]) => module(`/${name}`, text)),
    ],
    unsafeDirectSockets: [{ host, port: 0 }],
  };
  const telemetry = { enabled: false };
  const runtime = new Miniflare(
    convertV4MiniflareOptions({ host, port: 0, cf: false, telemetry, workers: [worker] }),
  );
  await runtime.ready;
  const url = await runtime.unsafeGetDirectURL();
  return {
    run: async (name, target) => {
      const response = await fetch(url, { method: "POST", body: JSON.stringify({ name, target }) });
      return (await response.json()) as string | null;
    },
    stop: () => runtime.dispose(),
  };
}
