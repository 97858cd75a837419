import type { JobEntry } from "../domain/jobs/job-entry.ts";
import type { JobDirectories } from "./job-directories.ts";
import type { Log } from "./log.ts";

export interface ListingBufferOptions {
  readonly record: JobDirectories["record"];
  /** Over when a tenant's entries have gathered for long enough. */
  readonly wait: () => Promise<void>;
  readonly now: () => number;
  readonly log: Log;
}

/** One tenant's entries that are yet to be told. */
interface Gathering {
  readonly openedAt: number;
  readonly entries: JobEntry[];
  sizeBytes: number;
}

/** Keeps a request alive for as long as work takes. */
type Defer = (work: Promise<unknown>) => void;

const MAX_ENTRIES = 1000;
/** Of all tenants together. */
const MAX_BYTES = 2 * 1024 * 1024;
/** What began to gather this long ago was left by a request that has been stopped. */
const STALE_MS = 10_000;

/**
 * Gathers what directories are told of new jobs: many of a tenant's cost one call, and one that ends
 * meanwhile costs one row, for its end is told first and the later version stands. Best effort: the end of
 * each job is told for certain by the job itself.
 */
export class ListingBuffer {
  readonly #options: ListingBufferOptions;
  readonly #gatherings = new Map<string, Gathering>();
  #sizeBytes = 0;

  constructor(options: ListingBufferOptions) {
    this.#options = options;
  }

  /** The first request waits and tells what has gathered; one that finds it full or stale tells it at once. */
  add(tenant: string, entry: JobEntry, defer: Defer): void {
    const sizeBytes = sizeOf(entry);
    if (this.#sizeBytes + sizeBytes > MAX_BYTES) this.#dropStale();
    if (this.#sizeBytes + sizeBytes > MAX_BYTES) return defer(this.#tell(tenant, [entry]));
    const gathering = this.#gatherings.get(tenant) ?? this.#open(tenant, defer);
    gathering.entries.push(entry);
    gathering.sizeBytes += sizeBytes;
    this.#sizeBytes += sizeBytes;
    if (gathering.entries.length >= MAX_ENTRIES || this.#isStale(gathering)) defer(this.flush(tenant));
  }

  /** Tells what waits of a tenant, so that a list shows what this isolate has accepted. */
  async flush(tenant: string): Promise<void> {
    const gathering = this.#take(tenant);
    if (gathering) await this.#tell(tenant, gathering.entries);
  }

  #open(tenant: string, defer: Defer): Gathering {
    const gathering: Gathering = { openedAt: this.#options.now(), entries: [], sizeBytes: 0 };
    this.#gatherings.set(tenant, gathering);
    const tellLater = async () => {
      await this.#options.wait();
      if (this.#gatherings.get(tenant) === gathering) await this.flush(tenant);
    };
    defer(tellLater());
    return gathering;
  }

  #take(tenant: string): Gathering | undefined {
    const gathering = this.#gatherings.get(tenant);
    this.#gatherings.delete(tenant);
    this.#sizeBytes -= gathering?.sizeBytes ?? 0;
    return gathering;
  }

  #isStale({ openedAt }: Gathering): boolean {
    return this.#options.now() >= openedAt + STALE_MS;
  }

  #dropStale(): void {
    for (const [tenant, gathering] of this.#gatherings) if (this.#isStale(gathering)) this.#take(tenant);
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
