import type { JobEntry } from "../domain/jobs/job-entry.ts";
import type { JobDirectories } from "./job-directories.ts";
import type { Log } from "./log.ts";

export interface ListingBufferOptions {
  readonly record: JobDirectories["record"];
  /** Resolves when a tenant's entries have been gathered for long enough. */
  readonly wait: () => Promise<void>;
  readonly now: () => number;
  readonly log: Log;
}

/** One tenant's entries that have not been sent yet. */
interface Gathering {
  readonly openedAt: number;
  readonly entries: JobEntry[];
  sizeBytes: number;
}

/** Keeps a request alive for as long as work takes. */
type Defer = (work: Promise<unknown>) => void;

const MAX_ENTRIES = 1000;
/** For all tenants together. */
const MAX_BYTES = 2 * 1024 * 1024;
/** Entries that have been gathered for this long were left by a request that the platform has stopped. */
const STALE_MS = 10_000;

/**
 * Gathers the directory entries of new jobs: many entries of a tenant cost one call, and a job that ends
 * meanwhile costs one row, for the entry of its end comes first and the later version is kept. Best effort: the
 * job's object sends the entry of its end in any case.
 */
export class ListingBuffer {
  readonly #options: ListingBufferOptions;
  readonly #gatherings = new Map<string, Gathering>();
  #sizeBytes = 0;

  constructor(options: ListingBufferOptions) {
    this.#options = options;
  }

  /**
   * The first request waits, then sends what was gathered; one that finds it full or stale sends it at once.
   */
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

  /** Sends a tenant's entries, so that a list shows what this isolate has accepted. */
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
