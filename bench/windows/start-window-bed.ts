import type { Load } from "../load/start-load.ts";
import { unpin } from "../processes/pin-process.ts";
import { startUpstream } from "../processes/start-upstream.ts";
import { startWorker, type WorkerSource } from "../workers/start-worker.ts";
import { offerLoad, type WindowBed } from "./offer-load.ts";
import type { WindowCase } from "./window-cases.ts";

export const UPSTREAM = new URL("./upstream/main.ts", import.meta.url);

/** Enough for V8 to have compiled what it will, and for the window to know the device. */
const WARM_UP = { ratePerSecond: 200, requests: 200 };

/** A Worker and the upstream of a case, warmed up; the stack ends them. */
export async function startWindowBed(
  stack: AsyncDisposableStack,
  load: Load,
  source: WorkerSource,
  { upstream: args, windowed, alone }: WindowCase,
): Promise<WindowBed> {
  const upstream = stack.use(await startUpstream(UPSTREAM, args));
  // A model computes all the time; beside the load on one core, each would take from the other.
  await unpin(upstream.pid);
  const worker = stack.use(await startWorker(pointAt(source, upstream.url)));
  const bed = { load, worker, upstream };
  for (const route of [windowed, alone]) {
    const { failures } = await offerLoad(bed, { route, ...WARM_UP });
    if (failures > 0) throw new Error(`${failures} requests of ${route} failed`);
  }
  return bed;
}

/** The deployment, with the provider `device` behind that URL. */
export const pointAt = <S extends WorkerSource>(source: S, url: string): S => ({
  ...source,
  bindings: { ...source.bindings, DEVICE_URL: `${url}/v1` },
});
