import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jobStateSchema } from "../../../durable-objects/job/job-record.ts";
import { latestAt } from "../../../durable-objects/job/job-rules.ts";
import { isEnded } from "../../../worker/contract/jobs/job-status.ts";
import { epochOf, lives, MANY, take, timelineOf, World } from "./any-life.ts";
import { TENANT } from "./job-events.ts";

/** The laws of a job's life, each against any sequence of events, in any order and at any time. */
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

  it("the first outcome stays until the job is deleted", () => {
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
          const { epoch, postponed, facts } = world.state.job;
          expect(epoch - postponed).toBeLessThanOrEqual(facts.policy.maxAttempts ?? Infinity);
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
          const due = latestAt(world.state);
          if (due === null) expect(world.armedAt).toBeNull();
          else expect(world.armedAt).toBeLessThanOrEqual(Math.max(due, world.now + 1));
        }
      }),
      MANY,
    );
  });

  it("only queued jobs are sent, and by its alarm alone a job ends and is deleted", () => {
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
