import { isEnded } from "../../worker/contract/jobs/job-status.ts";
import { FOLLOW_HEADERS } from "../../worker/domain/jobs/job-events.ts";
import { encodeJobId } from "../../worker/domain/jobs/job-id.ts";
import { buildEntry, type JobEntry } from "../../worker/domain/jobs/job-entry.ts";
import type {
  AppendReply,
  ClaimReply,
  FailedRun,
  FoundJob,
  JobAnswer,
  JobCopy,
  JobLife,
  JobPort,
  JobReplies,
  JobView,
  NewSeat,
  Seat,
  Submission,
  Viewed,
} from "../../worker/domain/jobs/job-protocol.ts";
import type { DeliveryRef, NoticeReply, NoticeReport } from "../../worker/domain/webhooks/job-notice.ts";
import { err, ok, type Result } from "../../worker/domain/result.ts";
import type { Environment } from "../../worker/platform/environment.ts";
import { isolateBytes } from "../../worker/platform/isolate-bytes.ts";
import { createJobDirectories } from "../../worker/platform/job-directories.ts";
import {
  createJobSender,
  createNoticeSender,
  type SendJobs,
  type SendNotice,
} from "../../worker/platform/job-queue.ts";
import { consoleLog } from "../../worker/platform/log.ts";
import type { HeldBytes } from "../../worker/domain/answers/held-bytes.ts";
import { AlarmedObject, type AlarmedPorts } from "../alarmed-object.ts";
import { describeJob, describeNotice } from "./job-document.ts";
import type { JobState } from "./job-record.ts";
import { planNext } from "./job-rules.ts";
import {
  type Effect,
  type EventType,
  isWindowsReport,
  type Payloads,
  type Transition,
  transition,
} from "./job-state.ts";
import { JobStore } from "./job-store.ts";
import { JobSubscribers } from "./job-subscribers.ts";

/** What the object needs besides its storage. */
export interface JobPorts extends AlarmedPorts {
  readonly send: SendJobs;
  readonly notify: SendNotice;
  /** What the isolate holds. */
  readonly held: HeldBytes;
  /** Tells a tenant's directory; rejects where it cannot be reached. */
  readonly list: (tenant: string, entry: JobEntry) => Promise<void>;
}

/**
 * One job. Every call, and the alarm, is one event: load, transition, write state and alarm in one synchronous
 * block, then send. So any call sets a pending job's alarm again where it is missing or overdue, and the alarm
 * repeats a send that failed or was lost. Nothing here waits for an upstream.
 */
export class JobObject extends AlarmedObject implements JobPort {
  readonly #id = encodeJobId(this.ctx.id.toString());
  readonly #store = new JobStore(this.ctx.storage);
  readonly #subscribers = new JobSubscribers(this.ctx, {
    id: this.#id,
    readOutput: () => this.#store.readBody("output"),
    hold: (tenant) => this.ports.held.open(tenant),
    onFailure: (error) => this.ports.log.warn("subscriber_not_told", { job: this.#id, error }),
  });
  protected override readonly named = { kind: "job", id: this.#id };
  override ports: JobPorts = openPorts(this.env, this.ctx.id);

  async submit(submission: Submission, seat?: NewSeat): Promise<Viewed<JobReplies["submit"]>> {
    const reply = await this.#apply({ type: "submit", submission, seat });
    return reply.kind === "reused" ? reply : { ...reply, view: this.#view(true) };
  }

  async submitAndClaim(
    submission: Submission,
    leaseMs: number,
  ): Promise<Viewed<JobReplies["submitAndClaim"]>> {
    const reply = await this.#apply({ type: "submitAndClaim", submission, leaseMs });
    return reply.kind === "existing" ? { ...reply, view: this.#view(true) } : reply;
  }

  async claim(leaseMs: number): Promise<ClaimReply> {
    const reply = await this.#apply({ type: "claim", leaseMs });
    if (reply.kind !== "claimed") return reply;
    return { ...reply, request: this.#store.readBody("request") ?? new Uint8Array() };
  }

  extend(epoch: number, leaseMs: number, life?: JobLife): Promise<JobReplies["extend"]> {
    return this.#apply({ type: "extend", epoch, leaseMs, ...runOf(life) });
  }

  complete(epoch: number, answer: JobAnswer, of?: JobLife | Seat): Promise<JobReplies["complete"]> {
    return this.#apply({ type: "complete", epoch, answer, ...runOf(of) });
  }

  failAttempt(epoch: number, run: FailedRun, of?: JobLife | Seat): Promise<JobReplies["failAttempt"]> {
    return this.#apply({ type: "failAttempt", epoch, run, ...runOf(of) });
  }

  loseRun(epoch: number, startedAt: number, seat: Seat): Promise<JobReplies["loseRun"]> {
    return this.#apply({ type: "loseRun", epoch, startedAt, seat });
  }

  release(): Promise<JobReplies["release"]> {
    return this.#apply({ type: "release" });
  }

  deadLetter(): Promise<JobReplies["deadLetter"]> {
    return this.#apply({ type: "deadLetter" });
  }

  cancel(tenant: string): Promise<JobReplies["cancel"]> {
    return this.#apply({ type: "cancel", tenant });
  }

  remove(tenant: string): Promise<JobReplies["remove"]> {
    return this.#apply({ type: "remove", tenant });
  }

  async read(tenant: string, withOutput: boolean): Promise<JobView> {
    const { kind } = await this.#apply({ type: "read", tenant });
    return kind === "absent" ? { kind } : this.#view(withOutput);
  }

  async copy(tenant: string): Promise<JobCopy> {
    const { kind } = await this.#apply({ type: "read", tenant });
    const state = this.#store.load();
    if (kind === "absent" || state.status === "absent") return { kind: "absent" };
    if (!isEnded(state)) return { kind: "not_terminal" };
    const request = this.#store.readBody("request") ?? new Uint8Array();
    return { kind: "found", facts: state.job.facts, request };
  }

  async append(epoch: number, from: number, chunks: readonly string[]): Promise<AppendReply> {
    return this.#subscribers.append(this.#store.load(), { epoch, from, chunks });
  }

  /** Gives a WebSocket with the job's events; only the Worker can ask, and its headers say for which tenant. */
  override async fetch({ headers }: Request): Promise<Response> {
    const tenant = decodeURIComponent(headers.get(FOLLOW_HEADERS.tenant) ?? "");
    const { kind } = await this.#apply({ type: "read", tenant });
    if (kind === "absent") return new Response(null, { status: 404 });
    return this.#subscribers.connect(this.#store.load(), headers);
  }

  /** Subscribers send only pings, which the platform answers itself. */
  override webSocketMessage(socket: WebSocket): void {
    socket.close(1008, "only ping is understood");
  }

  async notice(): Promise<NoticeReply> {
    await this.#apply({ type: "notice" });
    return describeNotice(this.#id, this.#store.load(), this.ports.now());
  }

  reportNotice(delivery: DeliveryRef, report: NoticeReport): Promise<JobReplies["reportNotice"]> {
    return this.#apply({ type: "reportNotice", delivery, report });
  }

  protected override async ring(): Promise<void> {
    // Awaited before the alarm is set to the end of retention: where the object is stopped between the two,
    // the platform repeats this alarm, and the directory is told of the end then.
    if (isEnded(this.#store.load())) await this.#list();
    await this.#apply({ type: "alarm" });
  }

  async #apply<K extends EventType>(event: { readonly type: K } & Payloads[K]): Promise<JobReplies[K]> {
    const armedAt = await this.begin();
    const before = this.#store.load();
    const now = this.ports.now();
    const next = transition(before, event, now);
    if (next.state !== before && next.state.status === "absent") await this.#forget();
    else await this.#write(next, before, planNext({ before, after: next.state, armedAt, now }));
    if (next.state !== before) this.#subscribers.publish(next.state);
    await this.#perform(next.effects, event.type === "alarm" || isWindowsReport(event));
    return next.reply;
  }

  /**
   * Sends and the call of the directory are not awaited. Except after an alarm or a window's report: both are
   * repeated where this fails, and after a window's report the next alarm may be far away.
   */
  async #perform(effects: readonly Effect[], isWaited: boolean): Promise<void> {
    for (const effect of effects) {
      if (effect.kind === "send") {
        this.#keep("job_send_failed", this.ports.send([this.#id], effect.delaySeconds));
      }
      if (effect.kind === "notify") {
        this.#keep("webhook_send_failed", this.ports.notify(this.#id, effect.delaySeconds));
      }
    }
    if (!effects.some(({ kind }) => kind === "list")) return;
    const listed = this.#list();
    if (isWaited) return listed;
    const told = listed.then(ok, (error: unknown) => err(String(error)));
    this.#keep("job_not_listed", told);
  }

  async #list(): Promise<void> {
    const state = this.#store.load();
    if (state.status === "absent") return;
    const { facts, timeline } = state.job;
    const entry = buildEntry(describeJob(this.#id, state), timeline.at(-1)?.seq ?? 0);
    await this.ports.list(facts.tenant, entry);
  }

  /** An accepted job as it is stored, for callers. */
  #view(withOutput: boolean): FoundJob {
    const state = this.#store.load();
    if (state.status === "absent") throw new Error("there is no job");
    const document = describeJob(this.#id, state);
    const bytes = withOutput ? this.#store.readBody("output") : undefined;
    if (state.status !== "succeeded" || !bytes) return { kind: "found", document, output: null };
    return { kind: "found", document, output: { contentType: state.output.contentType, bytes } };
  }

  async #write(
    { state, effects }: Transition<unknown>,
    before: JobState,
    alarmAt: number | null,
  ): Promise<void> {
    const save = () => this.#store.save(state, bodiesOf(effects));
    try {
      await this.commit(state === before ? undefined : save, alarmAt);
    } catch (error) {
      this.#store.forget();
      throw error;
    }
  }

  #forget(): Promise<void> {
    this.#store.forget();
    return this.ctx.storage.deleteAll();
  }

  /** Lets work go on after the reply; where it fails, the alarm repeats it. */
  #keep(failure: string, work: Promise<Result<unknown, string>>): void {
    const watch = async () => {
      const done = await work;
      if (!done.ok) this.ports.log.warn(failure, { job: this.#id, reason: done.error });
    };
    this.ctx.waitUntil(watch());
  }
}

/** What is told of a job stays in its own jurisdiction. */
function openPorts(env: Environment, { jurisdiction }: DurableObjectId): JobPorts {
  const directories = createJobDirectories(env.JOB_DIRECTORIES, () => jurisdiction);
  return {
    now: () => Date.now(),
    send: createJobSender(env.JOB_QUEUE),
    notify: createNoticeSender(env.JOB_WEBHOOK_QUEUE),
    list: (tenant, entry) => directories.record(tenant, [entry]),
    held: isolateBytes,
    log: consoleLog,
  };
}

/** Which run reports: one of a window, or that of a lease. */
const runOf = (of: JobLife | Seat | undefined) =>
  of && "window" in of ? { seat: of } : { createdAt: of?.createdAt };

const bodiesOf = (effects: readonly Effect[]): Partial<Record<"request" | "output", Uint8Array>> =>
  Object.fromEntries(
    effects.flatMap((effect) => (effect.kind === "store" ? [[effect.body, effect.bytes]] : [])),
  );
