import { setTimeout as pause } from "node:timers/promises";
import { hasEnded, type Notice, readDocument } from "../history/history.ts";
import type { Order } from "../plan.ts";
import type { Client } from "./client.ts";
import { asRetry } from "./job-kinds.ts";

/** The first look comes at once; each later one after a longer pause. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2000;
const LIST_PAUSE_MS = 2000;
/** How many ended jobs are inspected at once. */
const INSPECTORS = 12;

/** A job that was accepted, and what it was accepted for. */
export interface AcceptedJob {
  readonly order: Order;
  readonly id: string;
  readonly retryOf: string | null;
  readonly isDeleted: boolean;
}

/** Submits an order when its time has come; undefined where it is refused, or the run is over. */
export async function placeOrder(
  client: Client,
  order: Order,
  signal: AbortSignal,
): Promise<AcceptedJob | undefined> {
  await rest(order.atMs, signal);
  const ids = await Promise.all(Array.from({ length: order.copies }, () => client.submit(order)));
  const id = ids.find((each) => each !== undefined);
  return id === undefined ? undefined : { order, id, retryOf: null, isDeleted: false };
}

/** Does to a job what its order says; gives the job, and the one that has become of it. */
export async function changeJob(
  client: Client,
  job: AcceptedJob,
  signal: AbortSignal,
): Promise<readonly AcceptedJob[]> {
  const { order, id } = job;
  if (order.change === "cancel") {
    await rest(order.cancelAfterMs, signal);
    await client.change(id, "cancel");
  }
  if (order.watched || order.change !== null) await watchJob(client, job, signal);
  if (order.change === "delete")
    return [{ ...job, isDeleted: (await client.change(id, "delete")) !== undefined }];
  if (order.change !== "retry") return [job];
  const kind = asRetry(order.kind, id);
  const again = await placeOrder(client, { ...order, key: `${order.key}-retry`, kind, atMs: 0 }, signal);
  return again ? [job, { ...again, retryOf: id }] : [job];
}

/** Looks at a job until it ends, or the run is over. */
export async function watchJob(client: Client, { id }: AcceptedJob, signal: AbortSignal): Promise<void> {
  for (let waitMs = FIRST_PAUSE_MS; !signal.aborted; waitMs = Math.min(waitMs * 1.5, LONGEST_PAUSE_MS)) {
    const look = await client.look(id);
    if (look && hasEnded(readDocument(look))) return;
    await rest(waitMs, signal);
  }
}

/** Waits until the list has the end of every job, or the run is over; asks no job itself. */
export async function waitUntilListed(
  client: Client,
  jobs: readonly AcceptedJob[],
  { signal, ended }: { readonly signal: AbortSignal; readonly ended: (count: number) => void },
): Promise<void> {
  while (!signal.aborted) {
    const listed = (await client.list()) ?? [];
    const ids = new Set(listed.filter(hasEnded).map(({ id }) => id));
    const left = jobs.filter(({ id, isDeleted }) => !isDeleted && !ids.has(id)).length;
    ended(jobs.length - left);
    if (left === 0) return;
    await rest(LIST_PAUSE_MS, signal);
  }
}

/** Waits until every webhook has been told, or the run is over. */
export async function waitUntilTold(
  readNotices: () => Promise<readonly Notice[]>,
  jobs: readonly AcceptedJob[],
  signal: AbortSignal,
): Promise<void> {
  const waiting = jobs.filter(({ order, isDeleted }) => order.webhook && !isDeleted);
  while (!signal.aborted) {
    const told = new Set((await readNotices()).map(({ job }) => job));
    if (waiting.every(({ id }) => told.has(id))) return;
    await rest(LIST_PAUSE_MS, signal);
  }
}

/** Looks at every job again, reads its output, and repeats its submission twice; looks for those that are gone. */
export async function inspectJobs(client: Client, jobs: readonly AcceptedJob[]): Promise<void> {
  const waiting = jobs.values();
  const inspect = async () => {
    for (const { id, order, isDeleted } of waiting) {
      const look = await client.look(id);
      if (isDeleted) {
        await client.readOutput(id);
        await client.readEvents(id);
        continue;
      }
      const document = look && readDocument(look);
      if (!hasEnded(document)) continue;
      if (document.status === "succeeded") await client.readOutput(id);
      await client.readEvents(id);
      await client.replay(order);
      await client.replay(order);
      await client.look(id);
    }
  };
  await Promise.all(Array.from({ length: INSPECTORS }, inspect));
}

const rest = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(ms, undefined, { signal }).catch(() => undefined);
