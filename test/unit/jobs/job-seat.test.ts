import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeJob } from "../../../durable-objects/job/job-document.ts";
import { LOST_AFTER_MS } from "../../../durable-objects/job/job-seat.ts";
import type { JobEvent } from "../../../durable-objects/job/job-state.ts";
import { isEnded } from "../../../worker/contract/jobs/job-status.ts";
import { epochOf, World } from "./any-life.ts";
import { answer, failedRun, policy, submission, TENANT } from "./job-events.ts";

/** A job that a window runs with others. */
const WINDOW = "aa";
const DELAY = 60_000;
const LEASE = 30_000;
const seat = { window: WINDOW, maxDelayMs: DELAY };

function seated(changes: Parameters<typeof submission>[0] = {}): World {
  const world = new World();
  world.happen({ type: "submit", submission: submission(changes), seat });
  return world;
}
const document = ({ state }: World) => {
  if (state.status === "absent") throw new Error("there is no job");
  return describeJob(`job_${"A".repeat(43)}`, state);
};
const run = (world: World, event: JobEvent) => world.happen(event);
/** A world's job is accepted at its beginning. */
const BORN = new World().now;
const SEAT = { window: WINDOW, createdAt: BORN };
const complete = (world: World, epoch: number, of = SEAT) =>
  run(world, { type: "complete", epoch, answer: answer({ window: { id: "b", size: 3 } }), seat: of });
const fail = (world: World, epoch: number, changes = {}) =>
  run(world, { type: "failAttempt", epoch, run: failedRun(changes), seat: SEAT });
const lose = (world: World, epoch: number) =>
  run(world, { type: "loseRun", epoch, startedAt: world.now - 1000, seat: SEAT });

describe("a job in a window", () => {
  it("waits there, and sets one alarm for all of its life", () => {
    const world = seated();
    expect(document(world)).toMatchObject({ status: "queued", progress: { phase: "gathering" } });
    const retainMs = 86_400_000;
    expect(world.armedAt).toBe(world.now + DELAY + LOST_AFTER_MS + retainMs);
    const armedAt = world.armedAt;
    world.now += DELAY;
    complete(world, 1);
    expect(world.armedAt).toBe(armedAt);
    world.now = armedAt ?? 0;
    run(world, { type: "alarm" });
    expect(world.state.status).toBe("absent");
  });

  it("of which little is to be kept is not kept for much longer", () => {
    const world = seated({ policy: policy({ retainMs: 60_000 }) });
    complete(world, 1);
    expect(world.armedAt).toBe(world.now + 60_000);
  });

  it("is told of its run when that is over: when it began, and in which call", () => {
    const world = seated();
    world.now += 5000;
    const { reply, effects } = complete(world, 1);
    expect(reply).toEqual({ kind: "recorded", status: "succeeded" });
    expect(effects.map(({ kind }) => kind)).toEqual(["store", "list"]);
    expect(document(world)).toMatchObject({
      status: "succeeded",
      started_at: new Date(10).toISOString(),
      window: { id: "b", size: 3 },
      attempts: [{ n: 1, status: 200 }],
    });
  });

  it("stays there when a run fails, and is not sent", () => {
    const world = seated();
    const { reply, effects } = fail(world, 1, { retryAfterMs: 5000 });
    expect(reply).toEqual({ kind: "retry", retryAt: world.now + 5000 });
    expect(effects).toEqual([]);
    expect(document(world).progress?.phase).toBe("retrying");
    expect(complete(world, 2).reply).toMatchObject({ kind: "recorded", status: "succeeded" });
    expect(document(world).attempts.map(({ error }) => error)).toEqual(["upstream_error", null]);
  });

  it("ends when its attempts are used up, by failures and by losses alike", () => {
    const world = seated({ policy: policy({ maxAttempts: 3 }) });
    fail(world, 1);
    expect(lose(world, 2).reply).toEqual({ kind: "retry" });
    expect(lose(world, 3).reply).toEqual({ kind: "recorded", status: "failed" });
    const { error, attempts } = document(world);
    expect([error?.code, attempts.map((each) => each.error)]).toEqual([
      "attempts_exhausted",
      ["upstream_error", "lease_expired", "lease_expired"],
    ]);
  });

  it("whose run is lost has failed where its route never repeats", () => {
    const world = seated({ policy: policy({ onUnknownOutcome: "fail" }) });
    expect(lose(world, 1).reply).toEqual({ kind: "recorded", status: "failed" });
    expect(document(world).error?.code).toBe("outcome_unknown");
  });

  it("counts a run once, and only one of its own window", () => {
    const world = seated();
    expect(complete(world, 1, { ...SEAT, window: "bb" }).reply).toEqual({
      kind: "refused",
      why: "lease_lost",
    });
    expect(run(world, { type: "complete", epoch: 1, answer: answer() }).reply).toMatchObject({
      kind: "refused",
    });
    const first = fail(world, 1).reply;
    const before = world.state;
    expect(fail(world, 1).reply).toEqual(first);
    expect(lose(world, 1).reply).toMatchObject({ kind: "retry" });
    expect(complete(world, 1).reply).toEqual({ kind: "refused", why: "lease_lost" });
    expect(world.state).toBe(before);
  });

  it("ignores runs of an earlier job with its id and its window, which was deleted", () => {
    const world = seated();
    run(world, { type: "cancel", tenant: TENANT });
    run(world, { type: "remove", tenant: TENANT });
    world.now += 10;
    run(world, { type: "submit", submission: submission({ fingerprint: "another" }), seat });
    expect(complete(world, 1).reply).toEqual({ kind: "refused", why: "lease_lost" });
    expect(lose(world, 1).reply).toMatchObject({ kind: "refused" });
    const again = { window: WINDOW, createdAt: world.now };
    expect(complete(world, 1, again).reply).toMatchObject({ kind: "recorded" });
  });

  it("keeps its first outcome, whatever is reported after it, and tells the directory of it again", () => {
    const world = seated();
    complete(world, 2);
    const { state } = world;
    for (const event of [complete(world, 3), fail(world, 3), lose(world, 3)]) {
      expect(event.reply).toEqual({ kind: "refused", why: "terminal" });
      expect(event.effects).toEqual([{ kind: "list" }]);
    }
    expect(complete(world, 2).reply).toEqual({ kind: "recorded", status: "succeeded" });
    expect(world.state).toBe(state);
  });

  it("that is canceled names its window, and takes no answer", () => {
    const world = seated();
    expect(run(world, { type: "cancel", tenant: TENANT }).reply).toEqual({
      kind: "canceled",
      seat: SEAT,
    });
    expect(complete(world, 1).reply).toEqual({ kind: "refused", why: "terminal" });
    expect(document(world).status).toBe("canceled");
  });

  it("is given to a repeat of the submission, until the job has been run", () => {
    const world = seated();
    const again = () => run(world, { type: "submit", submission: submission(), seat }).reply;
    expect(again()).toEqual({ kind: "existing", seat: SEAT });
    fail(world, 1);
    expect(again()).toEqual({ kind: "existing" });
  });

  it("that is released is run by itself, and its window's reports do not count", () => {
    const world = seated();
    expect(run(world, { type: "release" }).reply).toEqual({ kind: "released" });
    expect(world.armedAt).toBe(world.now + 30_000);
    expect(complete(world, 1).reply).toMatchObject({ kind: "refused" });
    expect(run(world, { type: "claim", leaseMs: LEASE }).reply).toMatchObject({
      kind: "claimed",
      lease: { epoch: 1 },
    });
    expect(complete(world, 2).reply).toMatchObject({ kind: "refused" });
    expect(run(world, { type: "release" }).reply).toEqual({ kind: "none" });
  });

  it.each([
    ["is read", { type: "read", tenant: TENANT }],
    ["is submitted again", { type: "submit", submission: submission(), seat }],
    ["is told of a lost run", { type: "loseRun", epoch: 1, startedAt: 0, seat: SEAT }],
    ["'s alarm comes", { type: "alarm" }],
  ] as const)("that is lost by its window is run by itself once it %s", (_, event) => {
    const world = seated({ policy: policy({ completeWithinMs: 86_400_000 }) });
    world.now += DELAY + LOST_AFTER_MS;
    const { effects } = run(world, event);
    expect(effects).toContainEqual({ kind: "send", delaySeconds: 0 });
    expect(document(world).progress?.phase).toBe("queued");
    expect(world.armedAt).toBeLessThanOrEqual(world.now + 60_000);
  });

  it("ends at its deadline, whatever event comes", () => {
    const world = seated({ policy: policy({ completeWithinMs: 1000 }) });
    world.now += 1000;
    run(world, { type: "read", tenant: TENANT });
    expect(document(world)).toMatchObject({ status: "expired", error: { code: "deadline_exceeded" } });
  });
});

describe("in any life in a window", () => {
  const anEvent: fc.Arbitrary<(world: World) => JobEvent> = fc.oneof(
    fc.constant((world: World): JobEvent => ({
      type: "complete",
      epoch: epochOf(world.state) + 1,
      answer: answer(),
      seat: SEAT,
    })),
    fc.boolean().map((retryable) => (world: World): JobEvent => ({
      type: "failAttempt",
      epoch: epochOf(world.state) + 1,
      run: failedRun({ retryable }),
      seat: SEAT,
    })),
    fc.constant((world: World): JobEvent => ({
      type: "loseRun",
      epoch: epochOf(world.state) + 1,
      startedAt: world.now,
      seat: SEAT,
    })),
    fc.nat(3).map((back) => (world: World): JobEvent => ({
      type: "complete",
      epoch: epochOf(world.state) - back,
      answer: answer(),
      seat: SEAT,
    })),
    fc.constantFrom<() => JobEvent>(
      () => ({ type: "release" }),
      () => ({ type: "claim", leaseMs: LEASE }),
      () => ({ type: "read", tenant: TENANT }),
      () => ({ type: "alarm" }),
      () => ({ type: "cancel", tenant: TENANT }),
      () => ({ type: "submit", submission: submission(), seat }),
      () => ({ type: "deadLetter" }),
    ),
  );
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 2_000_000 }), anEvent), {
    maxLength: 30,
    size: "max",
  });

  it("the first outcome stays, runs are within the attempts, and by its alarm alone it ends and is deleted", () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const world = seated({ policy: policy({ completeWithinMs: 20_000_000 }) });
        for (const [wait, event] of taken) {
          world.now += wait;
          const { before } = world.happen(event(world));
          const { state } = world;
          if (isEnded(before) && state.status !== "absent") expect(state).toBe(before);
          expect(epochOf(state)).toBeLessThanOrEqual(3);
          expect(state.status === "absent" || world.armedAt !== null).toBe(true);
        }
        for (let alarms = 0; world.armedAt !== null; alarms++) {
          expect(alarms).toBeLessThan(60);
          world.now = Math.max(world.now, world.armedAt);
          world.happen({ type: "alarm" });
        }
        expect(world.state.status).toBe("absent");
      }),
      { numRuns: 300 },
    );
  });
});
