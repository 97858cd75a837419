import { resolve } from "node:path";
import type { Options } from "./options.ts";
import type { Bed } from "./bed.ts";
import { startLoad } from "./load/start-load.ts";
import { pinOthers } from "./processes/pin-process.ts";
import { startPortkey } from "./processes/start-portkey.ts";
import { type Server, startUpstream } from "./processes/start-upstream.ts";
import { BASELINES, type Subject } from "./scenario.ts";
import { buildPortkey } from "./workers/build-portkey.ts";
import { buildBaseline, buildGateway, type GatewaySource, ROOT } from "./workers/build-workers.ts";
import { startWorker } from "./workers/start-worker.ts";

/** Builds and starts all that is measured, each in a process of its own; the stack ends them. */
export async function startBed(
  options: Options,
  stack: AsyncDisposableStack,
  say: Bed["say"],
): Promise<Bed & { readonly gateway: GatewaySource }> {
  const whyNot = await pinOthers();
  if (whyNot !== undefined) say(`processes are not pinned to cores, numbers vary more: ${whyNot}`);
  const upstream = stack.use(await startUpstream());
  const servers = new Map<Subject, Server>();
  say("building and starting the gateway and what it is held against");
  const gateway = await buildGateway(ROOT, upstream.url, "bench");
  servers.set("headrace", stack.use(await startWorker(gateway)));
  if (options.against !== undefined) {
    const other = await buildGateway(resolve(options.against), upstream.url, "bench-against");
    servers.set("against", stack.use(await startWorker(other)));
  }
  for (const name of BASELINES) {
    servers.set(name, stack.use(await startWorker(await buildBaseline(name, upstream.url))));
  }
  servers.set("portkey-workerd", stack.use(await startWorker(await buildPortkey())));
  servers.set("portkey", stack.use(await startPortkey()));
  return { load: stack.use(startLoad()), upstreamUrl: upstream.url, servers, say, gateway };
}
