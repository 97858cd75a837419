import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { JobWindowBase } from "../../../durable-objects/job-window/job-window-object.ts";
import type { JobWindowPolicy } from "../../../durable-objects/job-window/job-window-state.ts";
import type { JobWindowPort } from "../../../worker/domain/windows/job-window-protocol.ts";
import { err, ok } from "../../../worker/domain/result.ts";
import type { Environment } from "../../../worker/platform/environment.ts";

const namespace = (env as unknown as Environment).JOB_WINDOWS;

/** A window's real object, with a clock and a queue of the test's, and its writes counted. */
export interface OpenJobWindow {
  readonly id: string;
  readonly window: JobWindowPort;
  /** Milliseconds that its clock is ahead. */
  ahead: number;
  sendFails: boolean;
  /** Makes the next writes throw, as a disk that is full would. */
  writeFails: boolean;
  /** Where given, in place of the config's. */
  policy: JobWindowPolicy | undefined;
  /** Delays of the messages that were sent, in seconds. */
  readonly sent: number[];
  /** Rows written as the platform bills them: puts of a key, and each setAlarm. */
  readonly rows: string[];
  readonly logged: string[];
  evict(): Promise<void>;
  /** Lets the alarm come, whenever it is set for; false where none is set. */
  alarm(): Promise<boolean>;
  /** How far ahead of the window's clock its alarm is set. */
  armedIn(): Promise<number | null>;
  keys(): Promise<string[]>;
  inside<R>(work: (instance: JobWindowBase, state: DurableObjectState) => R | Promise<R>): Promise<R>;
}

/** Opens the object of an id, or one of its own. */
export async function openJobWindow(
  id = namespace.newUniqueId().toString(),
  { policy }: { readonly policy?: JobWindowPolicy } = {},
): Promise<OpenJobWindow> {
  const stub = namespace.get(namespace.idFromString(id));
  const inside: OpenJobWindow["inside"] = (work) =>
    runInDurableObject(stub, (instance: DurableObject, state) =>
      work(instance as unknown as JobWindowBase, state),
    );
  const open: OpenJobWindow = {
    id,
    window: stub as unknown as JobWindowPort,
    ahead: 0,
    sendFails: false,
    writeFails: false,
    policy,
    sent: [],
    rows: [],
    logged: [],
    evict: async () => {
      await evictDurableObject(stub);
      await inside((instance, state) => instrument(open, instance, state));
    },
    alarm: () => runDurableObjectAlarm(stub),
    armedIn: () =>
      inside(async (_, { storage }) => {
        const at = await storage.getAlarm();
        return at === null ? null : at - Date.now() - open.ahead;
      }),
    keys: () => inside((_, { storage }) => [...storage.kv.list()].map(([key]) => key)),
    inside,
  };
  await inside((instance, state) => instrument(open, instance, state));
  return open;
}

/** The id of the object of a name. */
export const identifyJobWindow = (name: string): string => namespace.idFromName(name).toString();

function instrument(open: OpenJobWindow, instance: JobWindowBase, { storage }: DurableObjectState): void {
  const { ports } = instance;
  instance.ports = {
    now: () => Date.now() + open.ahead,
    gather: () => new Promise((resolve) => setTimeout(resolve, 10)),
    policyOf: (spec) => open.policy ?? ports.policyOf(spec),
    send: (_, delaySeconds) => {
      open.sent.push(delaySeconds);
      return Promise.resolve(open.sendFails ? err("the queue is down") : ok(undefined));
    },
    log: { info: () => {}, warn: (event) => void open.logged.push(event) },
  };
  const { kv } = storage;
  const setAlarm = storage.setAlarm.bind(storage);
  const counted = {
    get: (key: string) => kv.get(key),
    list: () => kv.list(),
    put: (key: string, value: unknown) => {
      if (open.writeFails) throw new Error("the disk is full");
      open.rows.push(key);
      kv.put(key, value);
    },
  };
  Object.defineProperty(storage, "kv", { value: counted, configurable: true });
  Object.defineProperty(storage, "setAlarm", {
    value: (at: number) => {
      open.rows.push("setAlarm");
      return setAlarm(at);
    },
    configurable: true,
  });
}
