import type {
  JobWindowEntry,
  JobWindowPort,
  JobWindowReplies,
  UnitAgain,
} from "../../worker/domain/windows/job-window-protocol.ts";
import type { WindowSpec } from "../../worker/domain/windows/request-window-protocol.ts";
import type { Environment } from "../../worker/platform/environment.ts";
import type { SendWindow } from "../../worker/platform/job-queue.ts";
import { AlarmedObject, type AlarmedPorts } from "../alarmed-object.ts";
import { planAlarmAt } from "../plan-alarm-at.ts";
import type { StoredEntry, StoredWindow, WindowHead } from "./job-window-record.ts";
import { JobWindow, type JobWindowPolicy } from "./job-window-state.ts";
import { JobWindowStore } from "./job-window-store.ts";

/** What a window needs besides its storage. */
export interface JobWindowPorts extends AlarmedPorts {
  readonly send: SendWindow;
  /** Undefined where the route's jobs no longer share calls: then those that wait are run at once. */
  readonly policyOf: (spec: WindowSpec) => JobWindowPolicy | undefined;
  /** Resolves when no more jobs are to be added to the row that is being gathered. */
  readonly gather: () => Promise<void>;
}

const AT_ONCE: JobWindowPolicy = { maxItems: 64, maxTokens: 100_000, padded: false, maxDelayMs: 0 };

/** Jobs that have come and are not yet stored; they are stored together, all or none. */
interface Gathering {
  readonly entries: JobWindowEntry[];
  readonly stored: Promise<void>;
}

interface OpenWindow {
  readonly spec: WindowSpec;
  readonly state: JobWindow;
}

/**
 * One window of jobs. Each call, and the alarm, is one event: the state changes, then rows and alarm are
 * written in one synchronous block, then messages are sent. What is in memory is a copy, dropped where a
 * write fails. The object only sends messages to the queue: the consumer claims a group, runs it, and tells
 * the jobs' own objects.
 */
export abstract class JobWindowBase extends AlarmedObject implements JobWindowPort {
  protected abstract openPorts(env: Environment): JobWindowPorts;

  override ports: JobWindowPorts = this.openPorts(this.env);
  readonly #store = new JobWindowStore(this.ctx.storage);
  readonly #id = this.ctx.id.toString();
  protected override readonly named = { kind: "window", id: this.#id };
  #window: OpenWindow | undefined;
  #gathering: Gathering | undefined;

  /** Jobs that come within a few milliseconds of each other share a row. */
  async add(spec: WindowSpec, entry: JobWindowEntry): Promise<JobWindowReplies["add"]> {
    if (!this.ports.policyOf(spec)) return { kind: "full" };
    const { state } = this.#load() ?? this.#open(spec);
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

  protected override async ring(): Promise<void> {
    await this.#change(({ state }, now) => state.ring(now));
    if (this.#window?.state.isEmpty === true && !this.#gathering) await this.#forget();
  }

  #gather(spec: WindowSpec): Gathering {
    const entries: JobWindowEntry[] = [];
    const store = async () => {
      try {
        await this.ports.gather();
        await this.#change(({ state }, now) => {
          // Not earlier: an alarm in between would find no job, and delete all rows.
          this.#gathering = undefined;
          state.add(entries, now);
        }, spec);
      } finally {
        if (this.#gathering?.entries === entries) this.#gathering = undefined;
      }
    };
    return { entries, stored: store() };
  }

  /** One event. Does nothing and gives undefined where nothing is stored and no job is being added. */
  async #change<R>(work: (window: OpenWindow, now: number) => R, spec?: WindowSpec): Promise<R | undefined> {
    const armedAt = await this.begin();
    const window = this.#load() ?? (spec && this.#open(spec));
    if (!window) return undefined;
    const now = this.ports.now();
    try {
      window.state.advance(now);
      const result = work(window, now);
      const { head, added, sends } = window.state.drain();
      const hasChanged = head !== undefined || added.length > 0;
      const writeRows = () => this.#writeRows(window, head, added);
      const alarmAt = planAlarmAt(window.state.dueAt(), armedAt, now);
      await this.commit(hasChanged ? writeRows : undefined, alarmAt);
      for (const delaySeconds of sends) this.ctx.waitUntil(this.#send(delaySeconds));
      return result;
    } catch (error) {
      this.#window = undefined;
      throw error;
    }
  }

  #writeRows({ spec, state }: OpenWindow, head: WindowHead | undefined, added: readonly StoredEntry[]): void {
    if (added.length > 0) this.#store.addArrivals(spec, added, (seq) => state.isLive(seq));
    if (head) this.#store.saveHead(head);
  }

  /** A message that is not sent, or lost, is sent again by the alarm. */
  async #send(delaySeconds: number): Promise<void> {
    const sent = await this.ports.send(this.#id, delaySeconds);
    if (!sent.ok) this.ports.log.warn("window_send_failed", { window: this.#id, reason: sent.error });
  }

  /** The window as it is stored; undefined where it is not. */
  #load(): OpenWindow | undefined {
    if (this.#window) return this.#window;
    const { spec, ...stored } = this.#store.load();
    return spec && this.#open(spec, stored);
  }

  #open(spec: WindowSpec, stored: StoredWindow = { head: undefined, entries: [] }): OpenWindow {
    const policy = this.ports.policyOf(spec) ?? AT_ONCE;
    this.#window = { spec, state: new JobWindow(policy, stored, this.ports.now()) };
    return this.#window;
  }

  #forget(): Promise<void> {
    this.#window = undefined;
    return this.ctx.storage.deleteAll();
  }
}
