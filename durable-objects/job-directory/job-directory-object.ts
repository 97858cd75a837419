import { DurableObject } from "cloudflare:workers";
import type {
  EntryRow,
  JobDirectoryPort,
  ShardPage,
  ShardQuery,
} from "../../worker/domain/jobs/job-directory-protocol.ts";
import type { JobPosition } from "../../worker/domain/jobs/job-entry.ts";
import type { Environment } from "../../worker/platform/environment.ts";
import { consoleLog, type Log } from "../../worker/platform/log.ts";
import {
  buildRemoval,
  NEW_SWEEP,
  planAlarm,
  planWrite,
  type Sweep,
  sweepRows,
  takePage,
} from "./job-directory-state.ts";
import { JobDirectoryStore } from "./job-directory-store.ts";

/** What the object needs besides its storage. */
export interface JobDirectoryPorts {
  readonly now: () => number;
  readonly log: Log;
}

/** When an alarm that failed is tried again, by an alarm of its own: the platform gives up after six. */
const ALARM_RETRY_MS = 60_000;

/** A part of one tenant's jobs, as they are listed. Which tenant's is in the object's name. */
export class JobDirectoryObject extends DurableObject<Environment> implements JobDirectoryPort {
  readonly #store: JobDirectoryStore;
  /** Lost with the memory: then a sweep begins anew. */
  #sweep: Sweep = NEW_SWEEP;
  ports: JobDirectoryPorts;

  constructor(ctx: DurableObjectState, env: Environment) {
    super(ctx, env);
    this.#store = new JobDirectoryStore(ctx.storage);
    this.ports = { now: () => Date.now(), log: consoleLog };
  }

  async record(rows: readonly EntryRow[]): Promise<void> {
    // The platform lets no other event in while storage is read; from here on there is no await.
    const armedAt = await this.ctx.storage.getAlarm();
    const now = this.ports.now();
    const alarmAt = planAlarm(rows, armedAt, now);
    let armed: Promise<void> | undefined;
    this.#store.migrate();
    this.ctx.storage.transactionSync(() => {
      for (const row of rows) this.#write(row, now);
      if (alarmAt !== null) armed = this.ctx.storage.setAlarm(alarmAt);
    });
    await armed;
  }

  remove(position: JobPosition, expiresAt: number): Promise<void> {
    return this.record([buildRemoval(position, expiresAt, this.ports.now())]);
  }

  async list(query: ShardQuery): Promise<ShardPage> {
    return takePage(this.#store.newestFirst(query.after), query, this.ports.now());
  }

  /**
   * Deletes what has expired, some rows a turn. Never throws while it can help it: a failure sets the next
   * alarm. A try that died without a word (the platform says so) sets that before anything else.
   */
  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    try {
      if (info?.isRetry === true) await this.#armForRetry();
      await this.#sweepOnce();
    } catch (error) {
      this.ports.log.warn("directory_alarm_failed", { directory: this.ctx.id.toString(), error });
      await this.#armForRetry();
    }
  }

  #write(row: EntryRow, now: number): void {
    const plan = planWrite(row, this.#store.findVersion(row), this.#store.findOldest(), now);
    if (plan.kind === "insert") this.#store.insert(row);
    if (plan.kind === "replace") this.#store.replace(plan.at, row);
  }

  async #sweepOnce(): Promise<void> {
    const rows = this.#store.oldestFirst(this.#sweep.scannedTo);
    const { expired, sweep, alarmAt } = sweepRows(rows, this.#sweep, this.ports.now());
    let armed: Promise<void> | undefined;
    this.ctx.storage.transactionSync(() => {
      for (const position of expired) this.#store.delete(position);
      if (alarmAt !== null) armed = this.ctx.storage.setAlarm(alarmAt);
    });
    this.#sweep = sweep;
    await armed;
  }

  #armForRetry(): Promise<void> {
    return this.ctx.storage.setAlarm(this.ports.now() + ALARM_RETRY_MS);
  }
}
