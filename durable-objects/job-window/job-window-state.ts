import type {
  ClaimedGroup,
  JobWindowEntry,
  UnitAgain,
} from "../../worker/domain/windows/job-window-protocol.ts";
import { extendLease } from "../extend-lease.ts";
import { RequestWindow } from "../request-window/request-window-state.ts";
import { boundDelayMs, lostRunDelayMs } from "../../worker/domain/jobs/retry-delay.ts";
import { awaitMessage, isEarly, type Resend, resendLater, toDelaySeconds } from "../resend.ts";
import { HeldEntries } from "./held-entries.ts";
import type { OpenGroup, StoredEntry, StoredWindow, WindowHead } from "./job-window-record.ts";

/**
 * Jobs that wait to share a call, and the groups of them that run or are to run again; pure, with time an
 * argument. Which jobs go together, and when, `RequestWindow` decides. The laws:
 * - The window holds a job until the end of a run says that it is done, or it is canceled.
 * - Of a group's runs only the newest counts, and the next begins when that run or its lease has ended.
 * - A message to the queue says only that there is something to claim: which jobs a group has is decided, and
 *   stored, when it is claimed. So a message may come twice, or be sent again whenever one may be lost.
 * Jobs that are to be run again stay together, so that all of them have had the same number of runs.
 */

export interface JobWindowPolicy {
  readonly maxItems: number;
  readonly maxTokens: number;
  readonly padded: boolean;
  readonly maxDelayMs: number;
}

/** A run of a group, by its number: 1 is the first. */
export interface GroupRun {
  readonly group: string;
  readonly run: number;
}

/** When the queue is next told of something that is to be claimed; in memory only. */
interface Announced {
  resend: Resend;
  /** The queue has been told since the object came into memory. */
  sent: boolean;
}

interface Ready extends Announced {
  readonly seqs: number[];
}

export class JobWindow {
  readonly #policy: JobWindowPolicy;
  readonly #window: RequestWindow;
  readonly #held = new HeldEntries();
  readonly #groups = new Map<string, OpenGroup>();
  readonly #announced = new Map<string, Announced>();
  #ready: Ready[] = [];
  #born: number;
  #next: number;
  #wakeAt: number | null = null;
  #sends: number[] = [];
  #added: StoredEntry[] = [];
  #changed = false;

  /** Opens what is stored; there is no head where no group has been claimed yet. */
  constructor(policy: JobWindowPolicy, { head, entries }: StoredWindow, now: number) {
    this.#policy = policy;
    this.#window = new RequestWindow({ ...policy, slots: 1, objectiveMs: null });
    this.#born = head?.born ?? now;
    this.#next = entries.reduce((next, { seq }) => Math.max(next, seq + 1), head?.next ?? 0);
    this.#restore(head ?? { waiting: [], groups: [], next: 0 }, entries, now);
  }

  holds(id: string): boolean {
    return this.#held.find(id) !== undefined;
  }

  isLive(seq: number): boolean {
    return this.#held.has(seq);
  }

  /** Whether no job is held: then all rows can be deleted. */
  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  /** Whether there is room for one more. */
  takes(entry: JobWindowEntry): boolean {
    return this.#held.takes(entry);
  }

  /** Adds those of the jobs that the window does not hold yet. */
  add(entries: readonly JobWindowEntry[], now: number): void {
    for (const entry of entries) {
      if (this.holds(entry.id)) continue;
      const added = { ...entry, seq: this.#next++, addedAt: now };
      this.#added.push(added);
      this.#wait(added, now, true);
    }
    this.#fill(now, true);
  }

  /**
   * Called by the alarm: a message that was due before the object came into memory has perhaps not been sent.
   */
  ring(now: number): void {
    for (const announced of this.#open()) if (!announced.sent) this.#resend(announced, now);
  }

  /** Does what is due: takes back leases that have run out, and tells the queue again of unclaimed groups. */
  advance(now: number): void {
    for (const group of this.#groups.values()) {
      const { phase } = group;
      if (phase.kind !== "leased" || now < phase.leaseUntil) continue;
      const lostRun = { startedAt: phase.leasedAt };
      const waitMs = lostRunDelayMs(group.runs - group.postponed, this.#leftMs(group.seqs, now));
      this.#put({ ...group, lostRun, phase: { kind: "waiting", notBefore: now + waitMs } });
      this.#announce(group.id, now + waitMs, true);
      this.#sends.push(toDelaySeconds(waitMs));
    }
    this.#fill(now, true);
    for (const announced of this.#open()) if (now >= announced.resend.resendAt) this.#resend(announced, now);
  }

  /** Leases the group that has been due for longest; undefined where none is. */
  claim(leaseMs: number, now: number): Omit<ClaimedGroup, "spec"> | undefined {
    const group = this.#nextGroup(now);
    if (!group) {
      this.#tellEarly(now);
      return undefined;
    }
    const { lostRun, postponed } = group;
    const runs = group.runs + 1;
    const phase = { kind: "leased" as const, leasedAt: now, leaseUntil: now + leaseMs };
    this.#announced.delete(group.id);
    this.#put({ ...group, runs, lostRun: null, phase });
    return {
      id: group.id,
      run: runs,
      tries: runs - postponed,
      lostRun,
      entries: this.#held.list(group.seqs),
    };
  }

  /** Extends a run's lease; false where the run is not the newest. */
  extend({ group: id, run }: GroupRun, leaseMs: number, now: number): boolean {
    const group = this.#groups.get(id);
    if (group?.runs !== run) return false;
    const lease = leaseOf(group, now);
    const leaseUntil = extendLease(lease, leaseMs, now);
    if (leaseUntil === lease.leaseUntil) return true;
    this.#announced.delete(id);
    this.#put({ ...group, lostRun: null, phase: { kind: "leased", leasedAt: lease.leasedAt, leaseUntil } });
    return true;
  }

  /** Ends a run; false where it is not the newest. All its jobs are done, except those in `again`. */
  settle({ group: id, run }: GroupRun, again: readonly UnitAgain[], now: number): boolean {
    const group = this.#groups.get(id);
    if (group?.runs !== run) return false;
    const { leasedAt: startedAt } = leaseOf(group, now);
    this.#groups.delete(id);
    this.#announced.delete(id);
    this.#changed = true;
    const left = new Set(group.seqs);
    for (const unit of again) {
      const seqs = unit.ids.flatMap((job) => this.#held.find(job) ?? []).filter((seq) => left.delete(seq));
      const postponed = group.postponed + (unit.postponed ? 1 : 0);
      if (seqs.length > 0) this.#runAgain({ seqs, run, postponed, startedAt, unit }, now);
    }
    for (const seq of left) this.#held.drop(seq);
    return true;
  }

  /** Takes a job out, unless it is being run. */
  leave(id: string): void {
    const seq = this.#held.find(id);
    if (seq === undefined) return;
    for (const group of this.#groups.values()) {
      if (!group.seqs.includes(seq)) continue;
      if (group.phase.kind === "leased") return;
      const seqs = group.seqs.filter((each) => each !== seq);
      if (seqs.length > 0) this.#put({ ...group, seqs });
      else this.#forget(group.id);
    }
    this.#window.leave(String(seq));
    for (const ready of this.#ready)
      if (ready.seqs.includes(seq)) ready.seqs.splice(ready.seqs.indexOf(seq), 1);
    this.#ready = this.#ready.filter(({ seqs }) => seqs.length > 0);
    this.#held.drop(seq);
    this.#changed = true;
  }

  /** When something is next due; null where nothing is. */
  dueAt(): number | null {
    const times = this.#open().map(({ resend }) => resend.resendAt);
    for (const { phase } of this.#groups.values()) {
      if (phase.kind === "leased") times.push(phase.leaseUntil);
    }
    if (this.#wakeAt !== null) times.push(this.#wakeAt);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** What is to be stored and sent after the events since the last call. */
  drain(): Drained {
    const drained = {
      head: this.#changed ? this.#head() : undefined,
      added: this.#added,
      sends: this.#sends,
    };
    this.#changed = false;
    this.#added = [];
    this.#sends = [];
    return drained;
  }

  #head(): WindowHead {
    const groups = [...this.#groups.values()];
    const running = new Set(groups.flatMap(({ seqs }) => seqs));
    const waiting = this.#held.numbers().filter((seq) => !running.has(seq));
    return { born: this.#born, next: this.#next, waiting, groups };
  }

  #restore(
    { waiting, groups, next }: Omit<WindowHead, "born">,
    entries: readonly StoredEntry[],
    now: number,
  ): void {
    const waits = new Set(waiting);
    const runs = new Set(groups.flatMap(({ seqs }) => seqs));
    for (const entry of entries.toSorted((one, other) => one.seq - other.seq)) {
      if (runs.has(entry.seq)) this.#held.hold(entry);
      else if (waits.has(entry.seq) || entry.seq >= next) this.#wait(entry, now, false);
    }
    for (const group of groups) {
      const { id, phase } = group;
      this.#groups.set(id, group);
      // A message with a delay has been sent already: the queue keeps it until then.
      if (phase.kind === "waiting") this.#announce(id, Math.max(phase.notBefore, now), phase.notBefore > now);
    }
    this.#fill(now, false);
  }

  /** A job that must be sent soon is entered as if it had waited already. */
  #wait(entry: StoredEntry, now: number, send: boolean): void {
    const { maxItems, maxDelayMs } = this.#policy;
    const { seq, items, tokens, longest, addedAt, sendBy } = entry;
    this.#held.hold(entry);
    const arrivedAt = Math.min(addedAt, sendBy - maxDelayMs);
    this.#window.arrive({ id: String(seq), items, tokens, longest, arrivedAt, deadlineAt: Infinity }, now);
    if (this.#window.waitingItems >= maxItems) this.#fill(now, send);
  }

  /** Makes groups of the jobs that wait, where a group is full or its first job has waited for long enough. */
  #fill(now: number, send: boolean): void {
    for (;;) {
      const { groups, wakeAt } = this.#window.dispatch(now);
      this.#wakeAt = wakeAt === Infinity ? null : wakeAt;
      if (groups.length === 0) return;
      for (const { id, entries } of groups) {
        // The queue's consumers decide how many groups run at once.
        this.#window.settle(id, "failed", now);
        const seqs = entries.map((entry) => Number(entry.id));
        this.#ready.push({ seqs, resend: awaitMessage(now), sent: send });
        if (send) this.#sends.push(0);
      }
    }
  }

  #nextGroup(now: number): OpenGroup | undefined {
    const due = [...this.#groups.values()].find(
      ({ phase }) => phase.kind === "waiting" && phase.notBefore <= now,
    );
    if (due) return due;
    const seqs = this.#ready.shift()?.seqs;
    return (
      seqs && {
        id: this.#name(seqs),
        seqs,
        runs: 0,
        postponed: 0,
        lostRun: null,
        phase: { kind: "waiting", notBefore: now },
      }
    );
  }

  /** Tells the queue once more of a group whose message has come a little early. */
  #tellEarly(now: number): void {
    for (const { phase } of this.#groups.values()) {
      if (phase.kind === "waiting" && isEarly(phase.notBefore, now))
        return void this.#sends.push(toDelaySeconds(phase.notBefore - now));
    }
  }

  /** How long the most urgent of these jobs has. */
  #leftMs(seqs: readonly number[], now: number): number {
    return Math.min(...this.#held.list(seqs).map(({ completeBy }) => completeBy)) - now;
  }

  /** They wait no longer than the most urgent of them can. */
  #runAgain({ seqs, run, postponed, startedAt, unit }: Ended, now: number): void {
    const wantedMs = unit.notBefore - now;
    const notBefore = now + (wantedMs <= 0 ? 0 : boundDelayMs(wantedMs, this.#leftMs(seqs, now)));
    const lostRun = unit.untold ? { startedAt } : null;
    const id = this.#name(seqs);
    this.#put({ id, seqs, runs: run, postponed, lostRun, phase: { kind: "waiting", notBefore } });
    this.#announce(id, notBefore, true);
    this.#sends.push(toDelaySeconds(notBefore - now));
  }

  #open(): readonly Announced[] {
    return [...this.#announced.values(), ...this.#ready];
  }

  #resend(announced: Announced, now: number): void {
    announced.resend = resendLater(announced.resend, now);
    announced.sent = true;
    this.#sends.push(0);
  }

  #announce(id: string, notBefore: number, sent: boolean): void {
    this.#announced.set(id, { resend: awaitMessage(notBefore), sent });
  }

  #put(group: OpenGroup): void {
    this.#groups.set(group.id, group);
    this.#changed = true;
  }

  #forget(id: string): void {
    this.#groups.delete(id);
    this.#announced.delete(id);
    this.#changed = true;
  }

  /**
   * Unique: no two groups begin with the same job, and a window that was deleted begins anew at a later time.
   */
  #name(seqs: readonly number[]): string {
    return `${this.#born.toString(36)}-${seqs[0] ?? this.#next}`;
  }
}

/** The lease of a group's newest run; the run may still report after it. */
const leaseOf = ({ phase, lostRun }: OpenGroup, now: number) =>
  phase.kind === "leased" ? phase : { leasedAt: lostRun?.startedAt ?? now, leaseUntil: now };

/** What is to be stored, and the delays of the messages that are to be sent, in seconds. */
export interface Drained {
  readonly head: WindowHead | undefined;
  readonly added: readonly StoredEntry[];
  readonly sends: readonly number[];
}

interface Ended {
  readonly seqs: number[];
  readonly run: number;
  readonly postponed: number;
  readonly startedAt: number;
  readonly unit: UnitAgain;
}
