import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { JobDirectoryObject } from "../../../durable-objects/job-directory/job-directory-object.ts";
import {
  directoryObjectName,
  type JobDirectoryPort,
} from "../../../worker/domain/jobs/job-directory-protocol.ts";
import type { Environment } from "../../../worker/platform/environment.ts";
import { T } from "../../unit/jobs/job-entries.ts";

export const namespace = (env as unknown as Environment).JOB_DIRECTORIES;

/** One real object of a directory, with a clock and a log of the test's, and its writes counted. */
export interface OpenDirectory {
  readonly port: JobDirectoryPort;
  /** Milliseconds since T. */
  clock: number;
  /** Makes setAlarm throw, as a disk that is full would. */
  alarmFails: boolean;
  readonly logged: string[];
  /** What was written, as the platform bills it: what SQL says, puts of a key, and each setAlarm. */
  readonly rows: { sql: number; kv: number; alarms: number };
  /** Takes the object out of memory; what it is called with next finds only what was stored. */
  evict(): Promise<void>;
  /** Lets the alarm come, whenever it is set for; false where none is set. */
  alarm(): Promise<boolean>;
  /** When the alarm is set for, in milliseconds since T. */
  armedAt(): Promise<number | null>;
  inside<R>(work: (instance: JobDirectoryObject, state: DurableObjectState) => R | Promise<R>): Promise<R>;
}

export async function openDirectory(tenant: string, shard = 0): Promise<OpenDirectory> {
  const stub = namespace.get(namespace.idFromName(directoryObjectName(tenant, shard)));
  const inside: OpenDirectory["inside"] = (work) =>
    runInDurableObject(stub, (instance: DurableObject, state) =>
      work(instance as unknown as JobDirectoryObject, state),
    );
  const open: OpenDirectory = {
    port: stub as unknown as JobDirectoryPort,
    clock: 0,
    alarmFails: false,
    logged: [],
    rows: { sql: 0, kv: 0, alarms: 0 },
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

function instrument(
  open: OpenDirectory,
  instance: JobDirectoryObject,
  { storage }: DurableObjectState,
): void {
  instance.ports = {
    now: () => T + open.clock,
    log: { info: () => {}, warn: (event) => void open.logged.push(event) },
  };
  const { kv, sql } = storage;
  const setAlarm = storage.setAlarm.bind(storage);
  const replace = (name: string, value: unknown) =>
    Object.defineProperty(storage, name, { value, configurable: true });
  replace("sql", {
    exec: (statement: string, ...values: SqlStorageValue[]) => {
      const cursor = sql.exec(statement, ...values);
      open.rows.sql += cursor.rowsWritten;
      return cursor;
    },
  });
  replace("kv", {
    get: (key: string) => kv.get(key),
    put: (key: string, value: unknown) => {
      open.rows.kv++;
      kv.put(key, value);
    },
  });
  replace("setAlarm", (at: number) => {
    if (open.alarmFails) throw new Error("the disk is full");
    open.rows.alarms++;
    return setAlarm(at);
  });
}
