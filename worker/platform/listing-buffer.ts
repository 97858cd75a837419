import type { JobEntry } from "../domain/jobs/job-entry.ts";
import type { JobDirectories } from "./job-directories.ts";
import type { Log } from "./log.ts";

export interface ListingBufferOptions {
  readonly record: JobDirectories["record"];
  /** Over when a batch has gathered for long enough. */
  readonly wait: () => Promise<void>;
  readonly now: () => number;
  readonly log: Log;
}

interface Batch {
  readonly openedAt: number;
  readonly entries: JobEntry[];
  sizeBytes: number;
}

/** Keeps a request alive for as long as work takes. */
type Defer = (work: Promise<unknown>) => void;

const MAX_ENTRIES = 1000;
/** Of all batches together. */
const MAX_BYTES = 2 * 1024 * 1024;
/** The request that opened a batch this long ago has died with it untold. */
const STALE_MS = 10_000;

/**
 * Gathers what directories are told of new jobs: many of a tenant's cost one call, and one that ends
 * meanwhile costs one row, for its end is told first and the later version stands. Best effort: the end of
 * each job is told for certain by the job itself.
 */
export class ListingBuffer {
  readonly #options: ListingBufferOptions;
  readonly #batches = new Map<string, Batch>();
  #sizeBytes = 0;

  constructor(options: ListingBufferOptions) {
    this.#options = options;
  }

  /** The request that opens a batch waits and tells it; one that finds it full or stale tells it at once. */
  add(tenant: string, entry: JobEntry, defer: Defer): void {
    const sizeBytes = sizeOf(entry);
    if (this.#sizeBytes + sizeBytes > MAX_BYTES) this.#dropStale();
    if (this.#sizeBytes + sizeBytes > MAX_BYTES) return defer(this.#tell(tenant, [entry]));
    const batch = this.#batches.get(tenant) ?? this.#open(tenant, defer);
    batch.entries.push(entry);
    batch.sizeBytes += sizeBytes;
    this.#sizeBytes += sizeBytes;
    if (batch.entries.length >= MAX_ENTRIES || this.#isStale(batch)) defer(this.flush(tenant));
  }

  /** Tells what waits of a tenant, so that who asks here sees what was accepted here. */
  async flush(tenant: string): Promise<void> {
    const batch = this.#take(tenant);
    if (batch) await this.#tell(tenant, batch.entries);
  }

  #open(tenant: string, defer: Defer): Batch {
    const batch: Batch = { openedAt: this.#options.now(), entries: [], sizeBytes: 0 };
    this.#batches.set(tenant, batch);
    const gathered = async () => {
      await this.#options.wait();
      if (this.#batches.get(tenant) === batch) await this.flush(tenant);
    };
    defer(gathered());
    return batch;
  }

  #take(tenant: string): Batch | undefined {
    const batch = this.#batches.get(tenant);
    this.#batches.delete(tenant);
    this.#sizeBytes -= batch?.sizeBytes ?? 0;
    return batch;
  }

  #isStale({ openedAt }: Batch): boolean {
    return this.#options.now() >= openedAt + STALE_MS;
  }

  #dropStale(): void {
    for (const [tenant, batch] of this.#batches) if (this.#isStale(batch)) this.#take(tenant);
  }

  async #tell(tenant: string, entries: readonly JobEntry[]): Promise<void> {
    try {
      await this.#options.record(tenant, entries);
    } catch (error) {
      this.#options.log.warn("listing_failed", { tenant, entries: entries.length, error });
    }
  }
}

/** About what an entry takes: its metadata can be most of it. */
function sizeOf({ metadata }: JobEntry): number {
  const labels = Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return 1000 + 2 * labels;
}
