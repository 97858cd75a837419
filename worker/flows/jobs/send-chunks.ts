import type { AppendReply } from "../../domain/jobs/job-protocol.ts";
import type { Log } from "../../platform/log.ts";

export interface ChunkSenderOptions {
  /** Hands chunks to the job's object, of which `from` came before; may throw. */
  readonly append: (from: number, chunks: readonly string[]) => Promise<AppendReply>;
  /** Called when the answer is no longer wanted, or another run has the lease. */
  readonly onRefused: () => void;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
}

/** How often chunks are sent: less often where nobody follows the job, only to have them ready. */
const WATCHED_PACE_MS = 50;
const UNWATCHED_PACE_MS = 1000;

export const paceOf = (watchers: number): number => (watchers > 0 ? WATCHED_PACE_MS : UNWATCHED_PACE_MS);

/**
 * Sends the chunks of a running answer to the job's object: one call at a time, and what comes meanwhile goes
 * with the next. All chunks are kept here, for the object has them in memory only: where it has lost them, they
 * are sent again. A failure here does not fail the run, for the outcome holds the whole answer.
 */
export class ChunkSender {
  readonly #options: ChunkSenderOptions;
  readonly #over = new AbortController();
  #chunks: string[] = [];
  #sent = 0;
  #watchers = 0;
  #sentAt = -Infinity;
  #isSending = false;

  constructor(options: ChunkSenderOptions) {
    this.#options = options;
  }

  add(chunks: readonly string[]): void {
    if (this.#over.signal.aborted) return;
    for (const chunk of chunks) this.#chunks.push(chunk);
    if (!this.#isSending) void this.#sendAll();
  }

  /** Sends nothing more: the outcome that is recorded next holds it all. */
  stop(): void {
    this.#over.abort();
    this.#chunks = [];
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    while (this.#sent < this.#chunks.length) {
      const wait = this.#sentAt + paceOf(this.#watchers) - this.#options.now();
      if (wait > 0) await this.#options.sleep(wait, this.#over.signal);
      if (this.#over.signal.aborted) break;
      await this.#send();
    }
    this.#isSending = false;
  }

  async #send(): Promise<void> {
    const { append, log, now, onRefused } = this.#options;
    this.#sentAt = now();
    try {
      const reply = await append(this.#sent, this.#chunks.slice(this.#sent));
      if (this.#over.signal.aborted) return;
      if (reply.kind === "refused") onRefused();
      if (reply.kind !== "kept") return this.stop();
      this.#sent = reply.have;
      this.#watchers = reply.watchers;
    } catch (error) {
      this.#watchers = 0;
      log.warn("chunks_not_shown", { error });
    }
  }
}
