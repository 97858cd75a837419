import {
  DIRECTORY_SHARDS,
  directoryObjectName,
  type EntryRow,
  type JobDirectoryPort,
  type ListedPage,
  mergePages,
  shardOf,
} from "../domain/jobs/job-directory-protocol.ts";
import type { JobEntry, JobPosition } from "../domain/jobs/job-entry.ts";
import type { JobListQuery } from "../domain/jobs/job-list-query.ts";
import { callObject } from "./call-object.ts";
import { openNamedObject } from "./open-object.ts";
import { pinObjects, type PinOf } from "./pinned-objects.ts";

/** The directories of all tenants. Each throws ObjectUnavailable where an object cannot be reached. */
export interface JobDirectories {
  /** Of two entries of a job the later version is kept. Calls may be repeated, and come in any order. */
  record(tenant: string, entries: readonly JobEntry[]): Promise<void>;
  /** Removes a job for good: entries that come later do not bring it back. */
  remove(tenant: string, position: JobPosition, expiresAt: number): Promise<void>;
  /** One page, newest first. It may be short and have a `next` where a filter matches few of many rows. */
  list(tenant: string, query: JobListQuery): Promise<ListedPage>;
}

const SHARDS = Array.from({ length: DIRECTORY_SHARDS }, (_, shard) => shard);

export function createJobDirectories(namespace: DurableObjectNamespace, pinOf: PinOf): JobDirectories {
  const ask = <R>(tenant: string, shard: number, question: (port: JobDirectoryPort) => Promise<R>) => {
    const name = directoryObjectName(tenant, shard);
    const objects = pinObjects(namespace, pinOf(tenant));
    return callObject(() => openNamedObject<JobDirectoryPort>(objects, name), question);
  };
  return {
    async record(tenant, entries) {
      const shards = Map.groupBy(entries, ({ id }) => shardOf(id));
      const recorded = [...shards].map(([shard, part]) => {
        const rows = part.map(buildRow);
        return ask(tenant, shard, (port) => port.record(rows));
      });
      await Promise.all(recorded);
    },
    remove: (tenant, position, expiresAt) =>
      ask(tenant, shardOf(position.id), (port) => port.remove(position, expiresAt)),
    async list(tenant, { filter, after, limit }) {
      const query = { filter, after, count: limit + 1 };
      const pages = SHARDS.map((shard) => ask(tenant, shard, (port) => port.list(query)));
      return mergePages(await Promise.all(pages), limit);
    },
  };
}

const buildRow = ({ id, version, status, model, createdAt, expiresAt, summary }: JobEntry): EntryRow => ({
  createdAt,
  id,
  version,
  expiresAt,
  status,
  model,
  summary: JSON.stringify(summary),
});
