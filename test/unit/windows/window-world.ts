import { planAlarmAt } from "../../../durable-objects/plan-alarm-at.ts";
import { JobWindow, type JobWindowPolicy } from "../../../durable-objects/job-window/job-window-state.ts";
import { JobWindowStore } from "../../../durable-objects/job-window/job-window-store.ts";
import type { ClaimedGroup, JobWindowEntry } from "../../../worker/domain/windows/job-window-protocol.ts";
import type { WindowSpec } from "../../../worker/domain/windows/request-window-protocol.ts";

export const START = 1_800_000_000_000;
export const LEASE_MS = 30_000;
/** The longest that a lease is extended by. */
const LONGEST_MS = 5 * 60_000;
const SPEC: WindowSpec = { route: "embed", target: "targets[0]=a/b", task: "embeddings", parameters: {} };

export const entry = (id: string, changes: Partial<JobWindowEntry> = {}): JobWindowEntry => ({
  id,
  job: id,
  createdAt: START,
  tenant: "acme",
  keyId: "0123456789abcdef",
  request: `{"input":"${id}"}`,
  cacheControl: null,
  metadata: {},
  items: 1,
  tokens: 1,
  longest: 1,
  sendBy: START + 86_400_000,
  completeBy: START + 86_400_000,
  ...changes,
});

/** A job as its own object knows it. */
interface ModelJob {
  epoch: number;
  ended: "answered" | "canceled" | undefined;
}

export type Claimed = Omit<ClaimedGroup, "spec"> & { readonly leasedAt: number; readonly leaseUntil: number };

/** How a run ends for its jobs: of those that are no success, the first half is meant. */
export type RunEnd = "answered" | "half again" | "half untold" | "dies silent" | "dies told";

/**
 * A window as its object keeps it: storage, alarm and queue are the test's, the rules and the store are the
 * real ones. Consumers do what the Worker's do, as far as the window can tell.
 */
export class WindowWorld {
  now = START;
  armedAt: number | null = null;
  /** What the alarm was last planned for, and when. */
  planned: { readonly dueAt: number | null; readonly at: number } = { dueAt: null, at: START };
  readonly rows = new Map<string, unknown>();
  readonly written: string[] = [];
  /** When each message that is under way comes. */
  readonly queue: number[] = [];
  readonly runs: Claimed[] = [];
  readonly jobs = new Map<string, ModelJob>();
  readonly policy: JobWindowPolicy;
  #store = this.#openStore();
  #window: JobWindow | undefined;

  constructor(policy: JobWindowPolicy) {
    this.policy = policy;
  }

  get window(): JobWindow {
    if (this.#window) return this.#window;
    const { head, entries } = this.#store.load();
    this.#window = new JobWindow(this.policy, { head, entries }, this.now);
    return this.#window;
  }

  evict(): void {
    this.#store = this.#openStore();
    this.#window = undefined;
  }

  add(entries: readonly JobWindowEntry[]): void {
    for (const { id } of entries) if (!this.jobs.has(id)) this.jobs.set(id, { epoch: 0, ended: undefined });
    this.#change((window) => window.add(entries, this.now));
  }

  cancel(id: string): void {
    const job = this.jobs.get(id);
    if (!job || job.ended) return;
    job.ended = "canceled";
    this.#change((window) => window.leave(id));
  }

  ring(): void {
    this.armedAt = null;
    this.#change((window) => window.ring(this.now));
    if (!this.window.isEmpty) return;
    this.rows.clear();
    this.armedAt = null;
    this.evict();
  }

  /** Lets a message come, which stays in the queue where it is to come again. */
  deliver(at: number, again = false): void {
    if (this.queue[at] === undefined) return;
    if (!again) this.queue.splice(at, 1);
    const group = this.#change((window) => window.claim(LEASE_MS, this.now));
    if (group) this.runs.push({ ...group, leasedAt: this.now, leaseUntil: this.now + LEASE_MS });
  }

  extend(at: number): boolean {
    const run = this.runs[at];
    if (!run) return false;
    const extended = this.#change((window) =>
      window.extend({ group: run.id, run: run.run }, LEASE_MS, this.now),
    );
    // A lease with half its time left is left alone; else it is given as much again as the run has taken.
    const more = Math.max(LEASE_MS, Math.min(this.now - run.leasedAt, LONGEST_MS));
    const leaseUntil = run.leaseUntil - this.now > LEASE_MS / 2 ? run.leaseUntil : this.now + more;
    if (extended) this.runs[at] = { ...run, leaseUntil };
    else this.runs.splice(at, 1);
    return extended;
  }

  end(at: number, how: RunEnd): void {
    const [run] = this.runs.splice(at, 1);
    if (!run || how === "dies silent") return;
    const open = run.entries.filter(({ id }) => this.#isOpen(id, run));
    const half = how === "answered" || how === "dies told" ? 0 : Math.ceil(open.length / 2);
    const again = open.slice(0, half).map(({ id }) => id);
    for (const { id } of open.slice(half)) this.#answer(id, run.run);
    const untold = how === "half untold";
    if (!untold) for (const id of again) this.#raise(id, run.run);
    if (how === "dies told") return;
    const units =
      again.length === 0 ? [] : [{ ids: again, notBefore: this.now + 2000, untold, postponed: false }];
    this.#change((window) => window.settle({ group: run.id, run: run.run }, units, this.now));
  }

  /** A run is told of the one before it, where that was lost; a job that has ended is left out. */
  #isOpen(id: string, { run, lostRun }: Claimed): boolean {
    const job = this.jobs.get(id);
    if (!job || job.ended) return false;
    if (lostRun) this.#raise(id, run - 1);
    return true;
  }

  #raise(id: string, epoch: number): void {
    const job = this.jobs.get(id);
    if (job) job.epoch = Math.max(job.epoch, epoch);
  }

  #answer(id: string, epoch: number): void {
    const job = this.jobs.get(id);
    if (!job || job.ended || epoch <= job.epoch) return;
    job.epoch = epoch;
    job.ended = "answered";
  }

  #change<R>(work: (window: JobWindow) => R): R {
    this.window.advance(this.now);
    const result = work(this.window);
    const { head, added, sends } = this.window.drain();
    if (added.length > 0) this.#store.addArrivals(SPEC, added, (seq) => this.window.isLive(seq));
    if (head) this.#store.saveHead(head);
    const dueAt = this.window.dueAt();
    this.planned = { dueAt, at: this.now };
    const alarmAt = planAlarmAt(dueAt, this.armedAt, this.now);
    if (alarmAt !== null) {
      this.armedAt = alarmAt;
      this.written.push("setAlarm");
    }
    for (const delaySeconds of sends) this.queue.push(this.now + delaySeconds * 1000);
    return result;
  }

  #openStore(): JobWindowStore {
    const { rows, written } = this;
    return new JobWindowStore({
      kv: {
        list: () => [...rows].map(([key, value]): [string, unknown] => [key, structuredClone(value)]),
        put: (key, value) => {
          written.push(key);
          rows.set(key, structuredClone(value));
        },
      },
    });
  }
}
