import { DurableObject } from "cloudflare:workers";
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
  Seat,
  Submission,
  Viewed,
  WindowPlace,
} from "../../worker/domain/jobs/job-protocol.ts";
import type { DeliveryRef, NoticeReply, NoticeReport } from "../../worker/domain/webhooks/job-notice.ts";
import { err, ok, type Result } from "../../worker/domain/result.ts";
import type { Environment } from "../../worker/platform/environment.ts";
import { createJobDirectories } from "../../worker/platform/job-directories.ts";
import {
  createJobSender,
  createNoticeSender,
  type SendJobs,
  type SendNotice,
} from "../../worker/platform/job-queue.ts";
import { consoleLog, type Log } from "../../worker/platform/log.ts";
import { describeJob, describeNotice } from "./job-document.ts";
import { isEnded, type JobState } from "./job-record.ts";
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
export interface JobPorts {
  readonly now: () => number;
  readonly send: SendJobs;
  readonly notify: SendNotice;
  /** Tells a tenant's directory; rejects where it cannot be reached. */
  readonly list: (tenant: string, entry: JobEntry) => Promise<void>;
  readonly log: Log;
}

/** When an alarm that failed is tried again, by an alarm of its own: the platform gives up after six. */
const ALARM_RETRY_MS = 60_000;

/**
 * One job. Every call, and the alarm, is one event: load, transition, then state and alarm in one
 * synchronous block, then the send. So a call finds a pending job's alarm missing or overdue and sets it;
 * a send that fails or is lost is made good by the alarm; and nothing here waits for an upstream.
 */
export class JobObject extends DurableObject<Environment> implements JobPort {
  readonly #store: JobStore;
  readonly #id: string;
  readonly #subscribers: JobSubscribers;
  ports: JobPorts;

  constructor(ctx: DurableObjectState, env: Environment) {
    super(ctx, env);
    this.#store = new JobStore(ctx.storage);
    this.#id = encodeJobId(ctx.id.toString());
    this.#subscribers = new JobSubscribers(ctx, {
      id: this.#id,
      readOutput: () => this.#store.readBody("output"),
      onFailure: (error) => this.ports.log.warn("subscriber_not_told", { job: this.#id, error }),
    });
    const directories = createJobDirectories(env.JOB_DIRECTORIES);
    this.ports = {
      now: () => Date.now(),
      send: createJobSender(env.JOB_QUEUE),
      notify: createNoticeSender(env.JOB_WEBHOOK_QUEUE),
      list: (tenant, entry) => directories.record(tenant, [entry]),
      log: consoleLog,
    };
  }

  async submit(submission: Submission, place?: WindowPlace): Promise<Viewed<JobReplies["submit"]>> {
    const reply = await this.#apply({ type: "submit", submission, place });
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

  /** Gives a WebSocket with the job's events; only the Worker gets here, and it says for whom. */
  override async fetch({ headers }: Request): Promise<Response> {
    const tenant = decodeURIComponent(headers.get(FOLLOW_HEADERS.tenant) ?? "");
    const { kind } = await this.#apply({ type: "read", tenant });
    if (kind === "absent") return new Response(null, { status: 404 });
    return this.#subscribers.connect(this.#store.load(), headers);
  }

  /** Who follows has nothing to say, but for the ping that the platform answers by itself. */
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

  /**
   * Never throws while it can help it: a failure sets the next alarm. A try that died without a word (the
   * platform says so) sets that before anything else.
   */
  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    try {
      if (info?.isRetry === true) await this.#armForRetry();
      // Before the alarm moves to the end of retention: should the process die between the two, the
      // platform brings this alarm again, and the directory hears of the end after all.
      if (isEnded(this.#store.load())) await this.#list();
      await this.#apply({ type: "alarm" });
    } catch (error) {
      this.ports.log.warn("job_alarm_failed", { job: this.#id, error });
      await this.#armForRetry();
    }
  }

  #armForRetry(): Promise<void> {
    return this.ctx.storage.setAlarm(this.ports.now() + ALARM_RETRY_MS);
  }

  async #apply<K extends EventType>(event: { readonly type: K } & Payloads[K]): Promise<JobReplies[K]> {
    // The platform lets no other event in while storage is read; from here on there is no await.
    const armedAt = await this.ctx.storage.getAlarm();
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
   * What is sent is not waited for. The alarm sees to it that the directory has heard, or the window that
   * reports: it does so again where it gets no reply, and the job's alarm may be far away.
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
    if (isWaited) await listed;
    else
      this.#keep(
        "job_not_listed",
        listed.then(ok, (error: unknown) => err(String(error))),
      );
  }

  async #list(): Promise<void> {
    const state = this.#store.load();
    if (state.status === "absent") return;
    const { facts, timeline } = state.job;
    const entry = buildEntry(describeJob(this.#id, state), timeline.at(-1)?.seq ?? 0);
    await this.ports.list(facts.tenant, entry);
  }

  /** How an accepted job is, from what is stored. */
  #view(withOutput: boolean): FoundJob {
    const state = this.#store.load();
    if (state.status === "absent") throw new Error("there is no job");
    const document = describeJob(this.#id, state);
    const bytes = withOutput ? this.#store.readBody("output") : undefined;
    if (state.status !== "succeeded" || !bytes) return { kind: "found", document, output: null };
    return { kind: "found", document, output: { contentType: state.output.contentType, bytes } };
  }

  /** Row and alarm, all or nothing; what is neither changed nor due costs no write. */
  async #write(
    { state, effects }: Transition<unknown>,
    before: JobState,
    alarmAt: number | null,
  ): Promise<void> {
    if (state === before && alarmAt === null) return;
    let armed: Promise<void> | undefined;
    try {
      this.ctx.storage.transactionSync(() => {
        if (state !== before) this.#store.save(state, bodiesOf(effects));
        if (alarmAt !== null) armed = this.ctx.storage.setAlarm(alarmAt);
      });
    } catch (error) {
      this.#store.forget();
      throw error;
    }
    await armed;
  }

  #forget(): Promise<void> {
    this.#store.forget();
    return this.ctx.storage.deleteAll();
  }

  /** Work that goes on after the reply; where it fails, the alarm makes it good. */
  #keep(failure: string, work: Promise<Result<unknown, string>>): void {
    this.ctx.waitUntil(this.#logFailure(failure, work));
  }

  async #logFailure(failure: string, work: Promise<Result<unknown, string>>): Promise<void> {
    const done = await work;
    if (!done.ok) this.ports.log.warn(failure, { job: this.#id, reason: done.error });
  }
}

/** Whose run it is: the window's, or whoever holds the lease. */
const runOf = (of: JobLife | Seat | undefined) =>
  of && "window" in of ? { seat: of } : { createdAt: of?.createdAt };

const bodiesOf = (effects: readonly Effect[]): Partial<Record<"request" | "output", Uint8Array>> =>
  Object.fromEntries(
    effects.flatMap((effect) => (effect.kind === "store" ? [[effect.body, effect.bytes]] : [])),
  );
