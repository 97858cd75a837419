import { describe, expect, it } from "vitest";
import { describeJob } from "../../../durable-objects/job/job-document.ts";
import type { JobState } from "../../../durable-objects/job/job-record.ts";
import { dueAt, planAlarm } from "../../../durable-objects/job/job-rules.ts";
import { type JobEvent, MAX_OUTPUT_BYTES, transition } from "../../../durable-objects/job/job-state.ts";
import { isEnded } from "../../../worker/contract/jobs/job-status.ts";
import type { DeliveryRef, NoticeReport } from "../../../worker/domain/webhooks/job-notice.ts";
import { jobDocument } from "../../../worker/contract/jobs/job-document.ts";
import { answer, failedRun, policy, submission, TENANT } from "./job-events.ts";

const T = 1_800_000_000_000;
const ABSENT: JobState = { status: "absent" };
const SECOND = 1000;
const LEASE = 60 * SECOND;

type Step = readonly [at: number, event: JobEvent];

/** Runs events, each at so many milliseconds after the first; gives what the last one led to. */
function run(...steps: readonly Step[]) {
  let last: ReturnType<typeof transition> = { state: ABSENT, effects: [], reply: undefined };
  for (const [at, event] of steps) last = transition(last.state, event, T + at);
  return last;
}

const submit = (changes = {}): JobEvent => ({ type: "submit", submission: submission(changes) });
const claim: JobEvent = { type: "claim", leaseMs: LEASE };
const complete = (epoch: number, changes = {}): JobEvent => ({
  type: "complete",
  epoch,
  answer: answer(changes),
});
const fail = (epoch: number, changes = {}): JobEvent => ({
  type: "failAttempt",
  epoch,
  run: failedRun(changes),
});
const extend = (epoch: number, leaseMs = LEASE): JobEvent => ({ type: "extend", epoch, leaseMs });
const alarm: JobEvent = { type: "alarm" };
const cancel: JobEvent = { type: "cancel", tenant: TENANT };
const sends = ({ effects }: ReturnType<typeof run>) => effects.filter(({ kind }) => kind === "send");

const describeLong = (state: Exclude<JobState, { status: "absent" }>) => ({
  attempts: describeJob("job", state).attempts,
  timeline: state.job.timeline,
});

describe("submitting", () => {
  it("queues the job and keeps the request; to send it is the caller's", () => {
    const { state, effects, reply } = run([0, submit()]);
    expect(reply).toEqual({ kind: "created" });
    expect(state).toMatchObject({ status: "queued", job: { createdAt: T, epoch: 0 } });
    expect(effects.map(({ kind }) => kind)).toEqual(["store"]);
  });

  it("again finds the same job in its current state, and sends nothing", () => {
    const again = run([0, submit()], [1, claim], [2, submit()]);
    expect(again).toMatchObject({
      reply: { kind: "existing" },
      state: { status: "in_progress" },
      effects: [],
    });
    const after = run([0, submit()], [1, claim], [2, complete(1)], [3, submit()]);
    expect(after).toMatchObject({ reply: { kind: "existing" }, state: { status: "succeeded" } });
  });

  it("another request under the same key is refused and changes nothing", () => {
    const first = run([0, submit()]);
    const other = transition(first.state, submit({ fingerprint: "f2" }), T + 1);
    expect(other.reply).toEqual({ kind: "reused" });
    expect(other.state).toBe(first.state);
  });

  it("inline is a job that is leased already, with nothing sent", () => {
    const inline = run([0, { type: "submitAndClaim", submission: submission(), leaseMs: LEASE }]);
    expect(inline.reply).toMatchObject({ kind: "claimed", lease: { epoch: 1, leaseUntil: T + LEASE } });
    expect(sends(inline)).toEqual([]);
    expect(
      run([0, submit()], [1, { type: "submitAndClaim", submission: submission(), leaseMs: LEASE }]).reply,
    ).toEqual({ kind: "existing" });
  });

  it("after the job has been forgotten makes a new one", () => {
    const steps: Step[] = [
      [0, submit({ policy: policy({ retainMs: 5 }) })],
      [1, cancel],
    ];
    expect(run(...steps, [10, submit()]).reply).toEqual({ kind: "created" });
  });
});

describe("claiming", () => {
  it("gives one lease at a time; a second claim is told when to come back", () => {
    const first = run([0, submit()], [5, claim]);
    expect(first.reply).toMatchObject({ kind: "claimed", lease: { epoch: 1, leaseUntil: T + 5 + LEASE } });
    expect(transition(first.state, claim, T + 6).reply).toEqual({ kind: "wait", until: T + 5 + LEASE });
  });

  it("takes over a lease that has run out before the alarm has, and notes the lost run", () => {
    const { state, reply, effects } = run([0, submit()], [0, claim], [LEASE, claim]);
    expect(reply).toMatchObject({ kind: "claimed", lease: { epoch: 2 } });
    expect(state).toMatchObject({ job: { attempts: [{ target: null, error: "lease_expired" }] } });
    expect(effects).toEqual([]);
  });

  it("before a retry is due waits for it", () => {
    const { reply } = run([0, submit()], [0, claim], [1, fail(1, { retryAfterMs: 5000 })], [2, claim]);
    expect(reply).toEqual({ kind: "wait", until: T + 5001 });
  });

  it("an ended job is told so, and an unknown one is absent", () => {
    expect(run([0, submit()], [1, cancel], [2, claim]).reply).toEqual({
      kind: "terminal",
      status: "canceled",
    });
    expect(run([0, claim]).reply).toEqual({ kind: "absent" });
  });

  it("can be extended by its holder, never shortened, and learns of a cancel", () => {
    expect(run([0, submit()], [0, claim], [LEASE / 2, extend(1)]).reply).toEqual({
      kind: "extended",
      leaseUntil: T + LEASE / 2 + LEASE,
      canceling: false,
    });
    expect(run([0, submit()], [0, claim], [10, cancel], [20, extend(1, 5)]).reply).toMatchObject({
      leaseUntil: T + LEASE,
      canceling: true,
    });
    expect(run([0, submit()], [0, claim], [10, extend(2)]).reply).toMatchObject({ why: "lease_lost" });
  });

  it("is extended in few writes, by as much as the run has taken, for five minutes at most", () => {
    let { state } = run([0, submit()], [0, claim]);
    const writes: number[] = [];
    for (let at = 10 * SECOND; at <= 900 * SECOND; at += 10 * SECOND) {
      const next = transition(state, extend(1, 30 * SECOND), T + at);
      if (next.state !== state) writes.push(at / SECOND);
      state = next.state;
      expect(next.reply).toMatchObject({ kind: "extended" });
      expect(dueAt(state)).toBeGreaterThan(T + at + 10 * SECOND);
      expect(dueAt(state)).toBeLessThanOrEqual(T + at + Math.min(Math.max(at, LEASE), 300 * SECOND));
    }
    expect(writes).toEqual([50, 90, 170, 330, 620]);
  });
});

describe("an outcome", () => {
  it("is recorded with what the run did, used and cost", () => {
    const { state, reply, effects } = run([0, submit()], [1, claim], [2, complete(1)]);
    expect(reply).toEqual({ kind: "recorded", status: "succeeded" });
    expect(state).toMatchObject({ endedAt: T + 2, job: { costUsd: 0.25, attempts: [{ status: 200 }] } });
    expect(effects).toMatchObject([{ kind: "store", body: "output" }, { kind: "list" }]);
  });

  it("reported again by the same run is the same outcome", () => {
    const { reply, effects } = run([0, submit()], [1, claim], [2, complete(1)], [3, complete(1)]);
    expect(reply).toEqual({ kind: "recorded", status: "succeeded" });
    expect(effects).toEqual([]);
  });

  it("of an old lease is refused, whether or not another runs", () => {
    const lapsed: Step[] = [
      [0, submit()],
      [0, claim],
      [LEASE, alarm],
    ];
    expect(run(...lapsed, [LEASE + 1, complete(1)]).reply).toEqual({ kind: "refused", why: "lease_lost" });
    expect(run(...lapsed, [LEASE + 1, claim], [LEASE + 2, complete(1)]).reply).toMatchObject({
      why: "lease_lost",
    });
    const beaten = run(...lapsed, [LEASE + 1, claim], [LEASE + 2, complete(2)], [LEASE + 3, complete(1)]);
    expect(beaten.reply).toEqual({ kind: "refused", why: "terminal" });
  });

  it("that comes late, but before anyone has taken the lease away, is taken", () => {
    expect(run([0, submit()], [0, claim], [LEASE + 5, complete(1)]).reply).toMatchObject({
      kind: "recorded",
    });
  });

  it("larger than a job keeps is a failure that says so", () => {
    const output = new Uint8Array(MAX_OUTPUT_BYTES + 1);
    const { state, effects } = run([0, submit()], [0, claim], [1, complete(1, { output })]);
    expect(state).toMatchObject({
      status: "failed",
      error: { code: "output_too_large" },
      job: { costUsd: 0.25 },
    });
    expect(effects).toEqual([{ kind: "list" }]);
  });
});

describe("a failed attempt", () => {
  it("goes back to the queue by a new message, by whatever message it was run", () => {
    const inline: JobEvent = { type: "submitAndClaim", submission: submission(), leaseMs: LEASE };
    for (const started of [
      [[0, inline]],
      [
        [0, submit()],
        [0, claim],
      ],
    ] as Step[][]) {
      const failed = run(...started, [1, fail(1, { retryAfterMs: 1500 })]);
      expect(failed.reply).toEqual({ kind: "retry", retryAt: T + 1501 });
      expect(failed.state).toMatchObject({ status: "queued", job: { attempts: [{ status: 503 }] } });
      expect(failed.effects).toEqual([{ kind: "send", delaySeconds: 2 }]);
    }
  });

  it("is never run again before its time: a message that comes early is sent once more", () => {
    const failed = run([0, submit()], [0, claim], [1, fail(1, { retryAfterMs: 1999 })]);
    expect(failed.effects).toEqual([{ kind: "send", delaySeconds: 2 }]);
    for (const [at, sent] of [
      [T + 2, []],
      [T + 1000, [{ kind: "send", delaySeconds: 1 }]],
      [T + 1999, [{ kind: "send", delaySeconds: 1 }]],
    ] as const) {
      const early = transition(failed.state, claim, at);
      expect([early.reply, early.effects]).toEqual([{ kind: "wait", until: T + 2000 }, sent]);
      expect(early.state).toBe(failed.state);
    }
    expect(transition(failed.state, claim, T + 2000).reply).toMatchObject({ kind: "claimed" });
  });

  it("is repeated as long as there is time, where no number is given", () => {
    const endless = submit({ policy: policy({ maxAttempts: null, completeWithinMs: 7 * 86_400_000 }) });
    let now = T;
    let { state } = transition({ status: "absent" }, endless, now);
    const step = (event: JobEvent) => ({ state } = transition(state, event, now));
    let runs = 0;
    for (; state.status === "queued"; now += 300_000) {
      step(claim);
      step(fail(++runs, { retryAfterMs: 300_000 }));
    }
    expect(runs).toBe((7 * 86_400_000) / 300_000);
    expect(state).toMatchObject({ status: "failed", error: { code: "deadline_exceeded" } });
    if (state.status !== "failed") throw new Error("it has not failed");
    const { attempts, timeline } = describeLong(state);
    expect([attempts.length, attempts[0]?.n, attempts.at(-1)?.n]).toEqual([256, runs - 255, runs]);
    expect([timeline.length, timeline[0]?.type]).toEqual([256, "job.queued"]);
    expect(state.error.message).toContain("The provider failed.");
  });

  it("that made no call is put back, and counts as none", () => {
    const postponed = { attempts: [], postponed: true, retryAfterMs: 5000 };
    const { state, reply } = run(
      [0, submit({ policy: policy({ maxAttempts: 1 }) })],
      [0, claim],
      [1, fail(1, postponed)],
      [5001, claim],
      [5002, fail(2, postponed)],
      [10_002, claim],
    );
    expect(reply).toMatchObject({ kind: "claimed", lease: { epoch: 3, tries: 1 } });
    expect(transition(state, fail(3), T + 10_003).state).toMatchObject({
      error: { code: "attempts_exhausted" },
    });
  });

  it("shows when the next may begin", () => {
    const failed = run([0, submit()], [0, claim], [1, fail(1, { retryAfterMs: 1999 })]);
    if (failed.state.status !== "queued") throw new Error("it does not wait");
    const at = (state: typeof failed.state) => describeJob("job", state).next_attempt_at;
    expect(at(failed.state)).toBe(new Date(T + 2000).toISOString());
    const fresh = run([0, submit()]).state;
    expect(fresh.status === "queued" && at(fresh)).toBe(null);
  });

  it("that cannot be helped is the outcome", () => {
    const error = { code: "model_input_invalid" as const, message: "too long" };
    const { state } = run([0, submit()], [0, claim], [1, fail(1, { retryable: false, error })]);
    expect(state).toMatchObject({ status: "failed", error });
  });

  it("is the last when the attempts are used up", () => {
    const { state } = run(
      [0, submit({ policy: policy({ maxAttempts: 2 }) })],
      [0, claim],
      [1, fail(1, { costUsd: 0.5, retryAfterMs: 0 })],
      [2, claim],
      [3, fail(2, { costUsd: 0.25 })],
    );
    expect(state).toMatchObject({
      status: "failed",
      error: { code: "attempts_exhausted" },
      job: { costUsd: 0.75 },
    });
  });

  it("is the last when the next would be past the deadline", () => {
    const short = submit({ policy: policy({ completeWithinMs: 10 * SECOND }) });
    const { state } = run([0, short], [0, claim], [1, fail(1, { retryAfterMs: 10 * SECOND })]);
    expect(state).toMatchObject({ status: "failed", error: { code: "deadline_exceeded" } });
  });

  it("reported by a run whose lease is lost changes nothing", () => {
    const lapsed = run([0, submit()], [0, claim], [LEASE, alarm]);
    const late = transition(lapsed.state, fail(1), T + LEASE + 1);
    expect(late.reply).toEqual({ kind: "refused", why: "lease_lost" });
    expect(late.state).toBe(lapsed.state);
  });
});

describe("cancelling", () => {
  it("a queued job ends it at once", () => {
    const { state, reply } = run([0, submit()], [1, cancel]);
    expect(reply).toEqual({ kind: "canceled" });
    expect(state.status).toBe("canceled");
  });

  it("a running one drops the answer and keeps the attempt and its cost", () => {
    const { state, reply, effects } = run([0, submit()], [1, claim], [2, cancel], [3, complete(1)]);
    expect(reply).toEqual({ kind: "recorded", status: "canceled" });
    expect(state).toMatchObject({ status: "canceled", job: { costUsd: 0.25, attempts: [{ status: 200 }] } });
    expect(effects).toEqual([{ kind: "list" }]);
  });

  it("a running one that fails or is lost is cancelled too, not tried again", () => {
    expect(run([0, submit()], [1, claim], [2, cancel], [3, fail(1)]).state.status).toBe("canceled");
    const lost = run([0, submit()], [1, claim], [2, cancel], [2 + LEASE, alarm]);
    expect(lost.state).toMatchObject({ status: "canceled", job: { attempts: [{ error: "lease_expired" }] } });
    const strict = submit({ policy: policy({ onUnknownOutcome: "fail" }) });
    expect(run([0, strict], [1, claim], [2, cancel], [2 + LEASE, alarm]).state.status).toBe("canceled");
  });

  it("twice is once, an ended job stays as it is, and another tenant's is absent", () => {
    const twice = run([0, submit()], [1, claim], [2, cancel], [3, cancel]);
    expect(twice).toMatchObject({ reply: { kind: "canceling" }, state: { cancelRequestedAt: T + 2 } });
    expect(run([0, submit()], [1, claim], [2, complete(1)], [3, cancel]).reply).toEqual({ kind: "terminal" });
    expect(run([0, submit()], [1, { type: "cancel", tenant: "other" }])).toMatchObject({
      reply: { kind: "absent" },
      state: { status: "queued" },
    });
  });
});

describe("the alarm", () => {
  it("sends an unclaimed job again, at growing intervals", () => {
    const first = run([0, submit()], [30 * SECOND, alarm]);
    expect(sends(first)).toEqual([{ kind: "send", delaySeconds: 0 }]);
    expect(dueAt(first.state)).toBe(T + 90 * SECOND);
    const second = transition(first.state, alarm, T + 90 * SECOND);
    expect(dueAt(second.state)).toBe(T + 210 * SECOND);
  });

  it("that fires twice, or early, does its work once", () => {
    const first = run([0, submit()], [30 * SECOND, alarm]);
    expect(transition(first.state, alarm, T + 30 * SECOND)).toMatchObject({
      effects: [{ kind: "list" }],
      state: first.state,
    });
    expect(run([0, submit()], [1, alarm]).effects).toEqual([{ kind: "list" }]);
  });

  it("takes back a lease that has run out and sends the job again", () => {
    const lapsed = run([0, submit()], [0, claim], [LEASE, alarm]);
    expect(lapsed.state).toMatchObject({ status: "queued", job: { epoch: 1 } });
    expect(sends(lapsed)).toHaveLength(1);
  });

  it("fails a job whose outcome is not known, where the route says so", () => {
    const strict = submit({ policy: policy({ onUnknownOutcome: "fail" }) });
    const { state, effects } = run([0, strict], [0, claim], [LEASE, alarm]);
    expect(state).toMatchObject({ status: "failed", error: { code: "outcome_unknown" } });
    expect(effects).toEqual([{ kind: "list" }]);
  });

  it("gives up on a job whose every run was lost", () => {
    const one = submit({ policy: policy({ maxAttempts: 1 }) });
    expect(run([0, one], [0, claim], [LEASE, alarm]).state).toMatchObject({
      status: "failed",
      error: { code: "attempts_exhausted" },
    });
  });

  it("has a job whose runs are lost again and again wait longer each time", () => {
    let { state } = run([0, submit({ policy: policy({ maxAttempts: null }) })]);
    let now = T;
    const waits = Array.from({ length: 5 }, () => {
      state = transition(state, claim, now).state;
      now += LEASE;
      const lost = transition(state, alarm, now);
      state = lost.state;
      const [sent] = lost.effects;
      const delaySeconds = sent?.kind === "send" ? sent.delaySeconds : NaN;
      now += delaySeconds * SECOND;
      return delaySeconds;
    });
    expect(waits).toEqual([0, 2, 4, 8, 16]);
  });

  it("expires what did not start in time, and fails what did not end in time", () => {
    const brief = submit({ policy: policy({ startWithinMs: SECOND, completeWithinMs: 10 * SECOND }) });
    const expired = run([0, brief], [SECOND, alarm]);
    expect(expired.state).toMatchObject({ status: "expired", error: { code: "deadline_exceeded" } });
    const running = run([0, brief], [0, claim], [10 * SECOND, alarm]);
    expect(running.state).toMatchObject({ status: "failed", error: { code: "deadline_exceeded" } });
    const retried = run([0, brief], [0, claim], [1, fail(1)], [5 * SECOND, alarm], [10 * SECOND, alarm]);
    expect(retried.state).toMatchObject({ status: "failed", error: { code: "deadline_exceeded" } });
    const unclaimed = submit({ policy: policy({ completeWithinMs: 10 * SECOND }) });
    expect(run([0, unclaimed], [10 * SECOND, alarm]).state.status).toBe("expired");
  });

  it("forgets a job that has been kept long enough", () => {
    const kept: Step[] = [
      [0, submit()],
      [1, cancel],
    ];
    expect(run(...kept, [86_400_000, alarm]).state.status).toBe("canceled");
    expect(run(...kept, [86_400_001, alarm]).state).toEqual(ABSENT);
  });
});

describe("the alarm's plan", () => {
  const queued = run([0, submit()]).state;
  const running = transition(queued, claim, T + 1).state;
  const ended = transition(running, complete(1), T + 2).state;

  it("leaves one alone that comes in time, though it comes early", () => {
    expect(planAlarm(queued, null, T)).toBe(T + 30 * SECOND);
    expect(planAlarm(running, T + 30 * SECOND, T + 1)).toBeNull();
  });

  it("sets one that is missing, comes too late, or is long overdue", () => {
    expect(planAlarm(running, null, T + 1)).toBe(T + 1 + LEASE);
    expect(planAlarm(running, T + 2 * LEASE, T + 1)).toBe(T + 1 + LEASE);
    expect(planAlarm(running, T, T + 60_001)).toBe(T + 60_002);
  });

  it("of an ended job is set for its retention, but an earlier one is left as it is; an absent job has none", () => {
    expect(planAlarm(ended, T + 30 * SECOND, T + 2)).toBeNull();
    expect(planAlarm(ended, null, T + 30 * SECOND)).toBe(T + 2 + 86_400_000);
    expect(planAlarm(ABSENT, null, T)).toBeNull();
  });
});

describe("what the queue gave up on", () => {
  const deadLetter: JobEvent = { type: "deadLetter" };

  it("says so, unless it is being run or has ended", () => {
    const closed = run([0, submit()], [1, deadLetter]);
    expect(closed.reply).toEqual({ kind: "closed" });
    expect(closed.state).toMatchObject({ status: "failed", error: { code: "attempts_exhausted" } });
    expect(run([0, submit()], [1, claim], [2, deadLetter]).reply).toEqual({ kind: "leased" });
    expect(run([0, submit()], [1, cancel], [2, deadLetter]).reply).toEqual({ kind: "terminal" });
    expect(run([0, deadLetter]).reply).toEqual({ kind: "absent" });
  });
});

describe("a webhook's notice", () => {
  const webhook = { url: "https://hooks.example", events: ["job.succeeded", "job.expired"] };
  const ended = run([0, submit({ webhook })], [0, claim], [1, complete(1)]);
  const report = (told: NoticeReport, delivery: Partial<DeliveryRef> = {}): JobEvent => ({
    type: "reportNotice",
    delivery: { createdAt: T + 1, attempt: 1, ...delivery },
    report: told,
  });
  const notify = (delaySeconds: number) => [{ kind: "notify", delaySeconds }];

  it("is sent for the ends that were asked for, by whatever way they came", () => {
    expect(ended.effects.filter(({ kind }) => kind === "notify")).toEqual(notify(0));
    const late = run([0, submit({ webhook, policy: policy({ startWithinMs: 1 }) })], [1, alarm]);
    expect(late.effects).toEqual([...notify(0), { kind: "list" }]);
    expect(run([0, submit({ webhook })], [1, cancel]).state).toMatchObject({ notice: null });
  });

  it("that failed is sent again when its time has come", () => {
    const failed = transition(ended.state, report({ kind: "failed", retryAfterMs: 300_000 }), T + 2);
    expect(failed.effects).toEqual(notify(300));
    expect(failed.state).toMatchObject({ notice: { status: "pending", attempt: 2, resends: 0 } });
    expect(dueAt(failed.state)).toBe(T + 2 + 360 * SECOND);
  });

  it("is settled by the first report, and stays so", () => {
    for (const [kind, status] of [
      ["delivered", "delivered"],
      ["disabled", "disabled"],
    ] as const) {
      const settled = transition(ended.state, report({ kind }), T + 2);
      expect(settled.state).toMatchObject({ notice: { status } });
      const again = transition(settled.state, report({ kind: "failed", retryAfterMs: 0 }), T + 3);
      expect(again).toEqual({ state: settled.state, effects: [], reply: { kind: "none" } });
    }
    const given = transition(ended.state, report({ kind: "failed", retryAfterMs: null }), T + 2);
    expect(given).toMatchObject({ state: { notice: { status: "given_up" } }, effects: [] });
  });

  it("that is reported twice, or is of another end, is not counted", () => {
    const failed = transition(ended.state, report({ kind: "failed", retryAfterMs: 0 }), T + 2);
    const again = transition(failed.state, report({ kind: "failed", retryAfterMs: 0 }), T + 3);
    expect(again).toEqual({ state: failed.state, effects: [], reply: { kind: "none" } });
    const other = transition(ended.state, report({ kind: "delivered" }, { createdAt: T }), T + 3);
    expect(other).toEqual({ state: ended.state, effects: [], reply: { kind: "none" } });
    expect(transition(failed.state, report({ kind: "delivered" }), T + 3).reply).toEqual({
      kind: "recorded",
    });
  });

  it("of a job that has not ended is none", () => {
    expect(run([0, submit({ webhook })], [1, report({ kind: "delivered" })]).reply).toEqual({ kind: "none" });
  });
});

describe("removing", () => {
  const remove = (tenant: string): JobEvent => ({ type: "remove", tenant });

  it("is for ended jobs, and for their tenant", () => {
    expect(run([0, submit()], [1, remove(TENANT)]).reply).toEqual({ kind: "not_terminal" });
    expect(run([0, submit()], [1, cancel], [2, remove("other")])).toMatchObject({
      reply: { kind: "absent" },
      state: { status: "canceled" },
    });
    expect(run([0, submit()], [1, cancel], [2, remove(TENANT)])).toMatchObject({
      reply: { kind: "removed" },
      state: ABSENT,
    });
  });
});

describe("the document", () => {
  const lives: readonly (readonly Step[])[] = [
    [[0, submit()]],
    [
      [0, submit()],
      [1, claim],
    ],
    [
      [0, submit()],
      [1, claim],
      [2, cancel],
    ],
    [
      [0, submit()],
      [1, claim],
      [2, fail(1)],
    ],
    [
      [0, submit()],
      [1, claim],
      [2, complete(1)],
    ],
    [
      [0, submit()],
      [1, claim],
      [2, fail(1, { retryable: false })],
    ],
    [
      [0, submit()],
      [1, cancel],
    ],
    [
      [0, submit({ policy: policy({ startWithinMs: 5 }) })],
      [5, alarm],
    ],
  ];

  it("is the contract's in every state", () => {
    const documents = lives.map((steps) => {
      const { state } = run(...steps);
      if (state.status === "absent") throw new Error("no job");
      const document = describeJob(`job_${"A".repeat(43)}`, state);
      expect(jobDocument.parse(document)).toEqual(document);
      expect(document.ended_at !== null).toBe(isEnded(state));
      return document;
    });
    expect(documents.map(({ status }) => status)).toEqual([
      "queued",
      "in_progress",
      "in_progress",
      "queued",
      "succeeded",
      "failed",
      "canceled",
      "expired",
    ]);
    expect(documents.map(({ progress }) => progress?.phase)).toEqual([
      "queued",
      "running",
      "canceling",
      "retrying",
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("numbers the timeline without gaps", () => {
    const { state } = run(
      [0, submit()],
      [1, claim],
      [2, fail(1, { retryAfterMs: 0 })],
      [3, claim],
      [4, complete(2)],
    );
    if (state.status === "absent") throw new Error("no job");
    expect(state.job.timeline.map(({ seq, type }) => `${seq} ${type}`)).toEqual([
      "1 job.queued",
      "2 job.started",
      "3 job.retrying",
      "4 job.started",
      "5 job.succeeded",
    ]);
  });
});

describe("the target with which a run begins", () => {
  const tried = (target: string | null, status: number | null, error: string | null) => ({
    attempts: [{ target, startedAt: T, endedAt: T + 5, status, error }],
  });
  const leaseAfter = (...runs: object[]) => {
    const steps = runs.flatMap((each, at): Step[] => [
      [3 * at * SECOND, claim],
      [(3 * at + 1) * SECOND, fail(at + 1, { retryAfterMs: SECOND, ...each })],
    ]);
    const { reply } = run([0, submit()], ...steps, [60 * SECOND, claim]);
    return (reply as { readonly lease: object }).lease;
  };

  it("is the one after that whose answer broke off in the run before", () => {
    expect(leaseAfter(tried("a", 200, "upstream_error"))).toMatchObject({ brokeAt: "a" });
    expect(leaseAfter(tried("a", 200, "upstream_error"), tried("b", 200, "upstream_timeout"))).toMatchObject({
      brokeAt: "b",
    });
  });

  it("is the first where none has begun to answer, or the run itself was stopped or lost", () => {
    for (const [target, status, error] of [
      ["a", 503, "upstream_error"],
      ["a", null, "upstream_timeout"],
      ["a", 200, "client_closed"],
      [null, null, "lost"],
    ] as const)
      expect(leaseAfter(tried(target, status, error))).not.toHaveProperty("brokeAt");
    expect(leaseAfter({ attempts: [] })).not.toHaveProperty("brokeAt");
    expect(
      leaseAfter(tried("a", 200, "upstream_error"), tried("b", 503, "upstream_error")),
    ).not.toHaveProperty("brokeAt");
  });
});
