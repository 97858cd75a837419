import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";
import { findPortkey } from "../processes/find-portkey.ts";
import { bundleModule } from "./bundle-module.ts";
import type { WorkerSource } from "./start-worker.ts";

/** What the package's build does once its app is there: the WebSockets and the listening of Node's server. */
const NODE_START = /const\{injectWebSocket:\w+,upgradeWebSocket:\w+\}=\w+\(\{app:(\w+)\}\);.*$/s;
/** Used by that, or where Redis is configured. */
const LEFT_OUT = /^(?:@hono\/node-server|@hono\/node-ws|ws|ioredis)$/;

/** Portkey's open source gateway as a Worker: the app of the package's build for Node, exported. */
export async function buildPortkey(): Promise<WorkerSource> {
  const text = await bundleModule(findPortkey(), [exportApp, leaveOut]);
  return {
    name: "portkey-workerd",
    code: { text },
    bindings: { ENVIRONMENT: "production" },
    compatibilityFlags: ["nodejs_compat"],
  };
}

const exportApp: Plugin = {
  name: "export the app",
  setup(build) {
    build.onLoad({ filter: /start-server\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      if (!NODE_START.test(source)) throw new Error("this build of Portkey's gateway is not known");
      return { contents: source.replace(NODE_START, "export default $1;"), loader: "js" };
    });
  },
};

const leaveOut: Plugin = {
  name: "leave out what a Worker has no use for",
  setup(build) {
    build.onResolve({ filter: LEFT_OUT }, ({ path }) => ({ path, namespace: "left-out" }));
    build.onLoad({ filter: /.*/, namespace: "left-out" }, () => ({ contents: "module.exports = {};" }));
    build.onResolve({ filter: /.*/ }, ({ path }) =>
      isBuiltin(path) ? { path: path.replace(/^(?!node:)/, "node:"), external: true } : undefined,
    );
  },
};
