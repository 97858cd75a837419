import { DurableObject } from "cloudflare:workers";
import type {
  JobWindowEntry,
  JobWindowPort,
  JobWindowReplies,
  UnitAgain,
} from "../../worker/domain/windows/job-window-protocol.ts";
import type { WindowSpec } from "../../worker/domain/windows/request-window-protocol.ts";
import type { Environment } from "../../worker/platform/environment.ts";
import type { SendWindow } from "../../worker/platform/job-queue.ts";
import type { Log } from "../../worker/platform/log.ts";
import { planAlarmAt } from "../alarm-time.ts";
import type { StoredEntry, WindowHead } from "./job-window-record.ts";
import { JobWindow, type JobWindowPolicy } from "./job-window-state.ts";
import { JobWindowStore } from "./job-window-store.ts";

/** What a window needs besides its storage. */
export interface JobWindowPorts {
  readonly now: () => number;
  readonly send: SendWindow;
  /** Undefined where the route's jobs share calls no more: then those that wait go at once. */
  readonly policyOf: (spec: WindowSpec) => JobWindowPolicy | undefined;
  /** Resolves when those that come together have come. */
  readonly gather: () => Promise<void>;
  readonly log: Log;
}

/** When an alarm that failed is tried again, by an alarm of its own: the platform gives up after six. */
const ALARM_RETRY_MS = 60_000;

const AT_ONCE: JobWindowPolicy = { maxItems: 64, maxTokens: 100_000, padded: false, maxDelayMs: 0 };

/** Jobs that have come and are not yet stored; all of them are, or none. */
interface Gathering {
  readonly entries: JobWindowEntry[];
  readonly stored: Promise<void>;
}

interface OpenWindow {
  readonly spec: WindowSpec;
  readonly state: JobWindow;
}

/**
 * One window of jobs. Each call, and the alarm, is one event: state, then rows and alarm in one synchronous
 * block, then the messages. What is in memory is a copy, dropped where a write fails. It calls nobody but
 * the queue: whoever gets the message claims a group, runs it, and tells the jobs' own objects.
 */
export abstract class JobWindowBase extends DurableObject<Environment> implements JobWindowPort {
  protected abstract openPorts(env: Environment): JobWindowPorts;

  ports: JobWindowPorts = this.openPorts(this.env);
  readonly #store = new JobWindowStore(this.ctx.storage);
  readonly #id = this.ctx.id.toString();
  #window: OpenWindow | undefined;
  #gathering: Gathering | undefined;

  /** Those that come within a few milliseconds of each other share a row. */
  async add(spec: WindowSpec, entry: JobWindowEntry): Promise<JobWindowReplies["add"]> {
    if (!this.ports.policyOf(spec)) return { kind: "full" };
    const { state } = this.#load() ?? this.#begin(spec);
    if (state.holds(entry.id)) return { kind: "held" };
    if (!state.takes(entry)) return { kind: "full" };
    const gathering = (this.#gathering ??= this.#gather(spec));
    gathering.entries.push(entry);
    await gathering.stored;
    return { kind: "held" };
  }

  async claim(leaseMs: number): Promise<JobWindowReplies["claim"]> {
    const claimed = await this.#change(({ spec, state }, now) => {
      const group = state.claim(leaseMs, now);
      return group && { ...group, spec };
    });
    return claimed ? { kind: "claimed", group: claimed } : { kind: "none" };
  }

  async extend(group: string, run: number, leaseMs: number): Promise<JobWindowReplies["extend"]> {
    const extended = await this.#change(({ state }, now) => state.extend({ group, run }, leaseMs, now));
    return { kind: extended === true ? "extended" : "refused" };
  }

  async settle(group: string, run: number, again: readonly UnitAgain[]): Promise<JobWindowReplies["settle"]> {
    const settled = await this.#change(({ state }, now) => state.settle({ group, run }, again, now));
    return { kind: settled === true ? "settled" : "refused" };
  }

  leave(id: string): Promise<void> {
    return this.#change(({ state }) => state.leave(id));
  }

  /** Never throws while it can help it: a failure sets the next alarm. */
  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    try {
      if (info?.isRetry === true) await this.#armForRetry();
      await this.#change(({ state }, now) => state.ring(now));
      if (this.#window?.state.isEmpty === true && !this.#gathering) await this.#forget();
    } catch (error) {
      this.ports.log.warn("window_alarm_failed", { window: this.#id, error });
      await this.#armForRetry();
    }
  }

  #armForRetry(): Promise<void> {
    return this.ctx.storage.setAlarm(this.ports.now() + ALARM_RETRY_MS);
  }

  #gather(spec: WindowSpec): Gathering {
    const entries: JobWindowEntry[] = [];
    const store = async () => {
      try {
        await this.ports.gather();
        await this.#change(({ state }, now) => {
          // Not before: an alarm between would find nothing, and forget everything.
          this.#gathering = undefined;
          state.add(entries, now);
        }, spec);
      } finally {
        if (this.#gathering?.entries === entries) this.#gathering = undefined;
      }
    };
    return { entries, stored: store() };
  }

  /** One event. Nothing happens, and nothing is given, where no job has ever come and none is about to. */
  async #change<R>(work: (window: OpenWindow, now: number) => R, spec?: WindowSpec): Promise<R | undefined> {
    // The platform lets no other event in while storage is read; from here on there is no await.
    const armedAt = await this.ctx.storage.getAlarm();
    const window = this.#load() ?? (spec && this.#begin(spec));
    if (!window) return undefined;
    const now = this.ports.now();
    try {
      window.state.advance(now);
      const result = work(window, now);
      const { head, added, sends } = window.state.drain();
      const armed = this.#write(window, {
        head,
        added,
        alarmAt: planAlarmAt(window.state.dueAt(), armedAt, now),
      });
      await armed;
      for (const delaySeconds of sends) this.ctx.waitUntil(this.#send(delaySeconds));
      return result;
    } catch (error) {
      this.#window = undefined;
      throw error;
    }
  }

  /** Rows and alarm, all or nothing; what has not changed costs no write. */
  #write({ spec, state }: OpenWindow, { head, added, alarmAt }: Changes): Promise<void> | undefined {
    if (!head && added.length === 0 && alarmAt === null) return undefined;
    let armed: Promise<void> | undefined;
    this.ctx.storage.transactionSync(() => {
      if (added.length > 0) this.#store.addArrivals(spec, added, (seq) => state.isLive(seq));
      if (head) this.#store.saveHead(head);
      if (alarmAt !== null) armed = this.ctx.storage.setAlarm(alarmAt);
    });
    return armed;
  }

  /** What is not sent, or lost, is sent again by the alarm. */
  async #send(delaySeconds: number): Promise<void> {
    const sent = await this.ports.send(this.#id, delaySeconds);
    if (!sent.ok) this.ports.log.warn("window_send_failed", { window: this.#id, reason: sent.error });
  }

  /** The window as it is stored; undefined where it is not. */
  #load(): OpenWindow | undefined {
    if (this.#window) return this.#window;
    const { spec, head, entries } = this.#store.load();
    if (!spec) return undefined;
    const policy = this.ports.policyOf(spec) ?? AT_ONCE;
    this.#window = { spec, state: new JobWindow(policy, { head, entries }, this.ports.now()) };
    return this.#window;
  }

  #begin(spec: WindowSpec): OpenWindow {
    const policy = this.ports.policyOf(spec) ?? AT_ONCE;
    this.#window = { spec, state: new JobWindow(policy, { head: undefined, entries: [] }, this.ports.now()) };
    return this.#window;
  }

  #forget(): Promise<void> {
    this.#window = undefined;
    return this.ctx.storage.deleteAll();
  }
}

interface Changes {
  readonly head: WindowHead | undefined;
  readonly added: readonly StoredEntry[];
  readonly alarmAt: number | null;
}
