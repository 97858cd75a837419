import { type Inspector, openInspector } from "./profile/inspector.ts";
import type { Load } from "./load/start-load.ts";
import { readMemory } from "./processes/process-use.ts";
import { API_KEY } from "./scenario.ts";
import { startWorker, type WorkerSource } from "./workers/start-worker.ts";

export interface MemoryReport {
  /** Distinct cache keys that were asked for. */
  readonly keys: number;
  /** How many of them the memory tier still has, by the last that it answers from. */
  readonly kept: number;
  /** What those take by the tier's own count, and its bound. */
  readonly keptBytes: number;
  readonly boundBytes: number;
  /** Of the whole process. */
  readonly before: number;
  readonly after: number;
  readonly peak: number;
  /** Of V8's heap and the buffers behind it, some garbage included. */
  readonly heldBefore: number;
  readonly heldAfter: number;
}

/** As in worker/app.ts, platform/cache-tiers.ts and platform/byte-bounded-map.ts. */
const BOUND_BYTES = 24 * 1024 * 1024;
const ENTRY_BYTES = 300 + 200 + 2 * 64;

const CONNECTIONS = 16;
const headers = { "content-type": "application/json", authorization: `Bearer ${API_KEY}` };
const bodyOf = (number: number | string) =>
  JSON.stringify({ model: "embed", input: `the wheel turns once more, and that makes ${number}` });

/**
 * Asks one isolate for embeddings of ever new texts, then asks which of them it still has
 * (`only-if-cached`). The simulated Cache API is taken away, so that only memory can answer, and V8's heap
 * is limited as the platform limits an isolate, or it would not collect its garbage.
 */
export async function measureMemory(source: WorkerSource, load: Load, keys: number): Promise<MemoryReport> {
  await using worker = await startWorker({ ...source, cache: false, inspected: true, heapMegabytes: 100 });
  await using inspector = await openInspector(worker.inspectorUrl ?? "", source.name);
  const url = `${worker.url}/v1/embeddings`;
  await ask(url, 0, {});
  const heldBefore = await readHeld(inspector);
  const before = readMemory(worker.pid).bytes;
  const requests = Math.ceil(keys / CONNECTIONS) * CONNECTIONS;
  const order = { url, headers, body: bodyOf("{n}"), from: 1, connections: CONNECTIONS, requests };
  await load.run(order);
  const { bytes: after, peakBytes: peak } = readMemory(worker.pid);
  const kept = await countKept(url, requests);
  const keptBytes = Math.round(kept * ((await meanSize(url, requests, kept)) + ENTRY_BYTES));
  const heldAfter = await readHeld(inspector);
  return {
    keys: requests,
    kept,
    keptBytes,
    boundBytes: BOUND_BYTES,
    before,
    after,
    peak,
    heldBefore,
    heldAfter,
  };
}

interface HeapUsage {
  readonly usedSize: number;
  readonly backingStorageSize: number;
}

async function readHeld(inspector: Inspector): Promise<number> {
  const usage = (await inspector.send("Runtime.getHeapUsage")) as HeapUsage;
  return usage.usedSize + usage.backingStorageSize;
}

/** Of the answers that are kept, from a sample of them. */
async function meanSize(url: string, keys: number, kept: number): Promise<number> {
  const sizes: number[] = [];
  for (let at = 0; at < SAMPLE; at++) {
    const number = keys - Math.floor((at * kept) / SAMPLE);
    sizes.push((await ask(url, number, ONLY_IF_CACHED)) ?? 0);
  }
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}

const SAMPLE = 256;
const ONLY_IF_CACHED = { "cache-control": "only-if-cached" };

/** The oldest go first, so what is kept are the last: halves its way to how many. */
async function countKept(url: string, keys: number): Promise<number> {
  let [least, most] = [0, keys];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    const found = await ask(url, keys - middle + 1, ONLY_IF_CACHED);
    if (found === undefined) most = middle - 1;
    else least = middle;
  }
  return least;
}

/** The size of the answer; undefined where the cache has none. */
async function ask(url: string, number: number, more: Record<string, string>): Promise<number | undefined> {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, ...more },
    body: bodyOf(number),
  });
  const { byteLength } = await response.arrayBuffer();
  if (response.status === 504) return undefined;
  if (!response.ok) throw new Error(`an embedding was answered with ${response.status}`);
  return byteLength;
}
