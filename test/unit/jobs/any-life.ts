import * as fc from "fast-check";
import type { JobState } from "../../../durable-objects/job/job-record.ts";
import { planAlarm } from "../../../durable-objects/job/job-rules.ts";
import { type JobEvent, MAX_OUTPUT_BYTES, transition } from "../../../durable-objects/job/job-state.ts";
import type { NoticeReport } from "../../../worker/domain/webhooks/job-notice.ts";
import { answer, failedRun, policy, submission, TENANT } from "./job-events.ts";

/** Any sequence of events, in any order and at any time, as a job may live through it. */
const tenant = fc.constantFrom(TENANT, "other");
/** Of the newest lease: 0 is that one, 1 the one before it, -1 one that nobody was given. */
const epoch = fc.constantFrom(0, 0, 0, 0, 1, 2, -1);
const leaseMs = fc.integer({ min: 1, max: 120_000 });
const aSubmission = fc
  .record({
    fingerprint: fc.constantFrom("f1", "f1", "f1", "f2"),
    metadata: fc.constantFrom({ user: "42" }, { "": "" }, { ["k".repeat(100)]: "v".repeat(1000) }),
    policy: fc
      .record({
        maxAttempts: fc.constantFrom(1, 2, 3, 4, null),
        startWithinMs: fc.constantFrom(null, null, 1, 100_000),
        completeWithinMs: fc.constantFrom(1, 100_000, 10_000_000),
        retainMs: fc.constantFrom(1, 100_000, 10_000_000),
        onUnknownOutcome: fc.constantFrom("repeat" as const, "fail" as const),
      })
      .map(policy),
    webhook: fc.constantFrom(null, {
      url: "https://hooks.example",
      events: ["job.succeeded", "job.failed", "job.expired"],
    }),
  })
  .map(submission);
/** As a provider counts, and as none should. */
const costUsd = fc.option(
  fc.oneof(
    { weight: 9, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(Infinity, Number.MAX_VALUE) },
  ),
);
const aRun = fc
  .record({
    attempts: fc.array(fc.constantFrom(...failedRun().attempts), { maxLength: 20 }),
    retryable: fc.boolean(),
    postponed: fc.constantFrom(undefined, true, false),
    retryAfterMs: fc.integer({ min: -5, max: 100_000 }),
    costUsd,
  })
  .map(failedRun);
/** Now and then one that is too large to be kept. */
const tooMuch = new Uint8Array(MAX_OUTPUT_BYTES + 1);
const anAnswer = fc
  .record({
    output: fc.oneof(
      { weight: 6, arbitrary: fc.uint8Array({ maxLength: 4 }) },
      { weight: 1, arbitrary: fc.constant(tooMuch) },
    ),
    contentType: fc.constantFrom("application/json", "audio/mpeg"),
    cache: fc.constantFrom("hit" as const, "miss" as const),
    usage: fc.constantFrom(null, { total_tokens: 3 }, { prompt_tokens: Infinity }, { total_tokens: -1 }),
    costUsd,
  })
  .map(answer);

const aReport: fc.Arbitrary<NoticeReport> = fc.oneof(
  fc.record({ kind: fc.constantFrom("delivered" as const, "disabled" as const) }),
  fc.record({
    kind: fc.constant("failed" as const),
    retryAfterMs: fc.option(fc.integer({ min: -5, max: 100_000 })),
  }),
);

/** Of the end that is there (0), or of another. */
const aDelivery = fc.record({
  createdAt: fc.constantFrom(0, 0, 0, 1),
  attempt: fc.integer({ min: 1, max: 3 }),
});

const anEvent: fc.Arbitrary<JobEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant("submit" as const), submission: aSubmission }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("submitAndClaim" as const), submission: aSubmission, leaseMs }),
  },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("claim" as const), leaseMs }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("extend" as const), epoch, leaseMs }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("complete" as const), epoch, answer: anAnswer }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("failAttempt" as const), epoch, run: aRun }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("deadLetter" as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("cancel" as const), tenant }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("remove" as const), tenant }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("read" as const), tenant }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("alarm" as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("notice" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("reportNotice" as const),
      report: aReport,
      delivery: aDelivery,
    }),
  },
);
const DAY_MS = 86_400_000;
/** Seconds as a rule; then an object that slept for days, or a clock that was set back. */
const aWait = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 40_000, max: 40 * DAY_MS }) },
  { weight: 1, arbitrary: fc.integer({ min: -60_000, max: 0 }) },
);
/** A step in time, and what happens then; or the alarm coming when it is set for. */
const aStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ wait: aWait, event: anEvent }) },
  { weight: 1, arbitrary: fc.constant("alarm comes" as const) },
  { weight: 1, arbitrary: fc.constant("alarm is lost" as const) },
);

const START = 1_800_000_000_000;
export const epochOf = (state: JobState) => (state.status === "absent" ? 0 : state.job.epoch);
export const timelineOf = (state: JobState) => (state.status === "absent" ? [] : state.job.timeline);

/** The object's clock, alarm and state, as the object keeps them. */
export class World {
  now = START;
  armedAt: number | null = null;
  state: JobState = { status: "absent" };

  happen(event: JobEvent) {
    if (event.type === "alarm") this.armedAt = null;
    const before = this.state;
    const next = transition(before, event, this.now);
    this.state = next.state;
    if (next.state.status === "absent") this.armedAt = null;
    this.armedAt = planAlarm(next.state, this.armedAt, this.now) ?? this.armedAt;
    return { ...next, before, event };
  }
}

/** Takes the world one step further; undefined where the step has no event. */
export function take(world: World, step: typeof aStep extends fc.Arbitrary<infer S> ? S : never) {
  if (step === "alarm is lost") {
    world.armedAt = null;
    return undefined;
  }
  if (step === "alarm comes") {
    if (world.armedAt === null) return undefined;
    world.now = Math.max(world.now, world.armedAt);
    return world.happen({ type: "alarm" });
  }
  world.now += step.wait;
  const { event } = step;
  return world.happen(aim(world.state, event));
}

/** Leases and deliveries are named by how far they are from the newest. */
function aim(state: JobState, event: JobEvent): JobEvent {
  if (event.type === "reportNotice") {
    const endedAt = "endedAt" in state ? state.endedAt : 0;
    const createdAt = endedAt + event.delivery.createdAt;
    return { ...event, delivery: { ...event.delivery, createdAt } };
  }
  return "epoch" in event ? { ...event, epoch: epochOf(state) - event.epoch } : event;
}

/** Long enough to reach what takes many steps: by itself the generator keeps to about ten. */
export const lives = fc.array(aStep, { minLength: 20, maxLength: 60, size: "max" });
/** Without the bias to small numbers, by which most lives would end before they are a second old. */
export const MANY = { numRuns: 400, noBias: true };
