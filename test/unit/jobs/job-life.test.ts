import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEnded, type JobState, jobStateSchema } from "../../../durable-objects/job/job-record.ts";
import { dueAt, planAlarm } from "../../../durable-objects/job/job-rules.ts";
import { type JobEvent, transition } from "../../../durable-objects/job/job-state.ts";
import type { NoticeReport } from "../../../worker/domain/job-notice.ts";
import { answer, failedRun, policy, submission, TENANT } from "./job-events.ts";

/** Any sequence of events, in any order and at any time, against the laws of a job's life. */
const tenant = fc.constantFrom(TENANT, "other");
/** Of the newest lease: 0 is that one, 1 the one before it, -1 one that nobody was given. */
const epoch = fc.constantFrom(0, 0, 0, 0, 1, 2, -1);
const leaseMs = fc.integer({ min: 1, max: 120_000 });
const aSubmission = fc
  .record({
    fingerprint: fc.constantFrom("f1", "f1", "f1", "f2"),
    policy: fc
      .record({
        maxAttempts: fc.integer({ min: 1, max: 4 }),
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
const aRun = fc
  .record({
    attempts: fc.array(fc.constantFrom(...failedRun().attempts), { maxLength: 20 }),
    retryable: fc.boolean(),
    retryAfterMs: fc.integer({ min: -5, max: 100_000 }),
    costUsd: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  })
  .map(failedRun);

const aReport: fc.Arbitrary<NoticeReport> = fc.oneof(
  fc.record({ kind: fc.constantFrom("delivered" as const, "disabled" as const) }),
  fc.record({
    kind: fc.constant("failed" as const),
    attempt: fc.integer({ min: 1, max: 3 }),
    retryAfterMs: fc.option(fc.integer({ min: -5, max: 100_000 })),
  }),
);

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
    arbitrary: fc.record({ type: fc.constant("complete" as const), epoch, answer: fc.constant(answer()) }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("failAttempt" as const), epoch, run: aRun }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("deadLetter" as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("cancel" as const), tenant }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("remove" as const), tenant }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("read" as const), tenant }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("alarm" as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("reportNotice" as const), report: aReport }) },
);
/** A step in time, and what happens then; or the alarm coming when it is set for. */
const aStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ wait: fc.integer({ min: 0, max: 40_000 }), event: anEvent }) },
  { weight: 1, arbitrary: fc.constant("alarm comes" as const) },
  { weight: 1, arbitrary: fc.constant("alarm is lost" as const) },
);

const START = 1_800_000_000_000;
const epochOf = (state: JobState) => (state.status === "absent" ? 0 : state.job.epoch);
const timelineOf = (state: JobState) => (state.status === "absent" ? [] : state.job.timeline);

/** The object's clock, alarm and state, as the object keeps them. */
class World {
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
    return { ...next, before };
  }
}

/** Takes the world one step further; undefined where the step has no event. */
function take(world: World, step: typeof aStep extends fc.Arbitrary<infer S> ? S : never) {
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
  return world.happen("epoch" in event ? { ...event, epoch: epochOf(world.state) - event.epoch } : event);
}

/** Long enough to reach what takes many steps: by itself the generator keeps to about ten. */
const lives = fc.array(aStep, { minLength: 20, maxLength: 60, size: "max" });
/** Without the bias to small numbers, by which most lives would end before they are a second old. */
const MANY = { numRuns: 400, noBias: true };

describe("in any life", () => {
  it("every state is one that can be stored and read back", () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const world = new World();
        for (const step of steps) {
          take(world, step);
          expect(jobStateSchema.parse(world.state)).toEqual(world.state);
        }
      }),
      MANY,
    );
  });

  it("the first outcome stays until the job is forgotten", () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const world = new World();
        for (const step of steps) {
          const taken = take(world, step);
          if (taken && isEnded(taken.before) && taken.state.status !== "absent") {
            const fresh = taken.state.job.createdAt === world.now && taken.state.job.epoch <= 1;
            const told = { ...taken.before, notice: null };
            if (!fresh) expect({ ...taken.state, notice: null }).toEqual(told);
          }
        }
      }),
      MANY,
    );
  });

  it("epochs and timelines only grow while a job lives, and each lease is given once", () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const world = new World();
        let leased = 0;
        for (const step of steps) {
          const taken = take(world, step);
          if (!taken) continue;
          const { reply, before, state } = taken;
          const reborn =
            before.status !== "absent" &&
            state.status !== "absent" &&
            state.job.createdAt !== before.job.createdAt;
          if (before.status === "absent" || reborn) leased = 0;
          if (reply && "kind" in reply && reply.kind === "claimed") {
            expect(reply.lease.epoch).toBe(leased + 1);
            leased = reply.lease.epoch;
          }
          if (state.status === "absent" || reborn) continue;
          expect(epochOf(state)).toBe(leased);
          expect(timelineOf(state).slice(0, timelineOf(before).length)).toEqual(timelineOf(before));
          expect(timelineOf(state).map(({ seq }) => seq)).toEqual(
            timelineOf(state).map((_, index) => index + 1),
          );
        }
      }),
      MANY,
    );
  });

  it("runs are no more than the attempts allowed", () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const world = new World();
        for (const step of steps) {
          take(world, step);
          if (world.state.status === "absent") continue;
          expect(world.state.job.epoch).toBeLessThanOrEqual(world.state.job.facts.policy.maxAttempts);
        }
      }),
      MANY,
    );
  });

  it("after every event an alarm is set for whatever is still to come, in time and never in the past", () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const world = new World();
        for (const step of steps) {
          if (!take(world, step)) continue;
          const due = dueAt(world.state);
          if (due === null) expect(world.armedAt).toBeNull();
          else expect(world.armedAt).toBeLessThanOrEqual(Math.max(due, world.now + 1));
        }
      }),
      MANY,
    );
  });

  it("what is sent is queued, and a job left to its alarm ends and is forgotten", () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const world = new World();
        for (const step of steps) {
          const taken = take(world, step);
          const sends = taken?.effects.filter(({ kind }) => kind === "send") ?? [];
          if (sends.length > 0) expect(world.state.status).toBe("queued");
          expect(sends.length).toBeLessThanOrEqual(1);
        }
        world.happen({ type: "read", tenant: TENANT });
        for (let alarms = 0; world.armedAt !== null; alarms++) {
          // An unheard webhook is sent every quarter of an hour, for two days.
          expect(alarms).toBeLessThan(300);
          take(world, "alarm comes");
        }
        expect(world.state.status).toBe("absent");
      }),
      MANY,
    );
  });
});
