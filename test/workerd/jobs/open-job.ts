import { HeldBytes } from "../../../worker/domain/answers/held-bytes.ts";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { JobObject } from "../../../durable-objects/job/job-object.ts";
import { decodeJobId } from "../../../worker/domain/jobs/job-id.ts";
import type { JobEntry } from "../../../worker/domain/jobs/job-entry.ts";
import { err, ok } from "../../../worker/domain/result.ts";
import type { Environment } from "../../../worker/platform/environment.ts";
import { createJobObjects, type NamedJob } from "../../../worker/platform/job-objects.ts";

const namespace = (env as unknown as Environment).JOBS;
export const jobs = createJobObjects(namespace, () => undefined);

/** Far ahead of the real clock, so that no alarm comes but those a test asks for. */
export const T = 4_000_000_000_000;

/** A job's real object, with a clock, a queue and a log of the test's, and its writes counted. */
export interface OpenJob extends NamedJob {
  /** Milliseconds since T. */
  clock: number;
  sendFails: boolean;
  /** Makes setAlarm throw, as a disk that is full would. */
  alarmFails: boolean;
  readonly sent: { job: string; delaySeconds: number }[];
  readonly notices: { job: string; delaySeconds: number }[];
  /** What the directory was told. */
  readonly listed: JobEntry[];
  listFails: boolean;
  readonly logged: string[];
  /** What its isolate holds. */
  readonly held: HeldBytes;
  /** Rows written as the platform bills them: puts and deletes of a key, and each setAlarm. */
  readonly rows: string[];
  /** Takes the object out of memory; what it is called with next finds only what was stored. */
  evict(): Promise<void>;
  /** Lets the alarm come, whenever it is set for; false where none is set. */
  alarm(): Promise<boolean>;
  /** When the alarm is set for, in milliseconds since T. */
  armedAt(): Promise<number | null>;
  inside<R>(work: (instance: JobObject, state: DurableObjectState) => R | Promise<R>): Promise<R>;
}

export async function openJob(named: NamedJob = jobs.fresh("default")): Promise<OpenJob> {
  const stub = namespace.get(namespace.idFromString(decodeJobId(named.id) ?? ""));
  const inside: OpenJob["inside"] = (work) =>
    runInDurableObject(stub, (instance: DurableObject, state) =>
      work(instance as unknown as JobObject, state),
    );
  const open: OpenJob = {
    ...named,
    clock: 0,
    sendFails: false,
    alarmFails: false,
    sent: [],
    notices: [],
    listed: [],
    listFails: false,
    logged: [],
    held: new HeldBytes(() => T, 20_000_000),
    rows: [],
    evict: async () => {
      await evictDurableObject(stub);
      await inside((instance, state) => instrument(open, instance, state));
    },
    alarm: () => runDurableObjectAlarm(stub),
    armedAt: () =>
      inside(async (_, state) => {
        const at = await state.storage.getAlarm();
        return at === null ? null : at - T;
      }),
    inside,
  };
  await inside((instance, state) => instrument(open, instance, state));
  return open;
}

function instrument(open: OpenJob, instance: JobObject, { storage }: DurableObjectState): void {
  instance.ports = {
    now: () => T + open.clock,
    send: (sent, delaySeconds) => {
      open.sent.push(...sent.map((job) => ({ job, delaySeconds })));
      return Promise.resolve(open.sendFails ? err("the queue is down") : ok(undefined));
    },
    notify: (job, delaySeconds) => {
      open.notices.push({ job, delaySeconds });
      return Promise.resolve(open.sendFails ? err("the queue is down") : ok(undefined));
    },
    list: async (_tenant, entry) => {
      if (open.listFails) throw new Error("the directory is down");
      open.listed.push(entry);
    },
    held: open.held,
    log: { info: () => {}, warn: (event) => void open.logged.push(event) },
  };
  const { kv } = storage;
  const setAlarm = storage.setAlarm.bind(storage);
  const counted = {
    get: (key: string) => kv.get(key),
    list: () => kv.list(),
    put: (key: string, value: unknown) => {
      open.rows.push(`put ${key}`);
      kv.put(key, value);
    },
    delete: (key: string) => {
      open.rows.push(`delete ${key}`);
      return kv.delete(key);
    },
  };
  Object.defineProperty(storage, "kv", { value: counted, configurable: true });
  Object.defineProperty(storage, "setAlarm", {
    value: (at: number) => {
      if (open.alarmFails) throw new Error("the disk is full");
      open.rows.push("setAlarm");
      return setAlarm(at);
    },
    configurable: true,
  });
}
