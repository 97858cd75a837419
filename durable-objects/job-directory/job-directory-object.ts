import type {
  EntryRow,
  JobDirectoryPort,
  ShardPage,
  ShardQuery,
} from "../../worker/domain/jobs/job-directory-protocol.ts";
import type { JobPosition } from "../../worker/domain/jobs/job-entry.ts";
import { consoleLog } from "../../worker/platform/log.ts";
import { AlarmedObject, type AlarmedPorts } from "../alarmed-object.ts";
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

/** The list of a part of one tenant's jobs. The tenant is in the object's name. */
export class JobDirectoryObject extends AlarmedObject implements JobDirectoryPort {
  readonly #store = new JobDirectoryStore(this.ctx.storage);
  /** In memory only: where it is lost, a sweep begins anew. */
  #sweep: Sweep = NEW_SWEEP;
  protected override readonly named = { kind: "directory", id: this.ctx.id.toString() };
  override ports: AlarmedPorts = { now: () => Date.now(), log: consoleLog };

  async record(rows: readonly EntryRow[]): Promise<void> {
    const armedAt = await this.begin();
    const now = this.ports.now();
    this.#store.migrate();
    const writeRows = () => {
      for (const row of rows) this.#write(row, now);
    };
    await this.commit(writeRows, planAlarm(rows, armedAt, now));
  }

  remove(position: JobPosition, expiresAt: number): Promise<void> {
    return this.record([buildRemoval(position, expiresAt, this.ports.now())]);
  }

  async list(query: ShardQuery): Promise<ShardPage> {
    return takePage(this.#store.newestFirst(query.after), query, this.ports.now());
  }

  /** Deletes what has expired, a limited number of rows each time. */
  protected override async ring(): Promise<void> {
    const rows = this.#store.oldestFirst(this.#sweep.scannedTo);
    const { expired, sweep, alarmAt } = sweepRows(rows, this.#sweep, this.ports.now());
    const deleteRows = () => {
      for (const position of expired) this.#store.delete(position);
    };
    await this.commit(deleteRows, alarmAt);
    this.#sweep = sweep;
  }

  #write(row: EntryRow, now: number): void {
    const plan = planWrite(row, this.#store.findVersion(row), this.#store.findOldest(), now);
    if (plan.kind === "insert") this.#store.insert(row);
    if (plan.kind === "replace") this.#store.replace(plan.at, row);
  }
}
