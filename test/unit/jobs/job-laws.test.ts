import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeJob } from "../../../durable-objects/job/job-document.ts";
import type { JobState } from "../../../durable-objects/job/job-record.ts";
import { settle } from "../../../durable-objects/job/job-rules.ts";
import { isEnded } from "../../../worker/contract/jobs/job-status.ts";
import { jobDocument } from "../../../worker/contract/jobs/job-document.ts";
import { epochOf, lives, MANY, take, World } from "./any-life.ts";

/** What a job promises to those outside it, against any life. */
type Taken = NonNullable<ReturnType<typeof take>>;

/** Holds each step of any life to a law; `born` counts the lives that the key has had. */
function holdAlways(law: (taken: Taken, world: World, born: number) => void): void {
  fc.assert(
    fc.property(lives, (steps) => {
      const world = new World();
      let born = 0;
      for (const step of steps) {
        const taken = take(world, step);
        if (!taken) continue;
        if (taken.effects.some((effect) => effect.kind === "store" && effect.body === "request")) born++;
        law(taken, world, born);
      }
    }),
    MANY,
  );
}

const jobOf = (state: JobState) => (state.status === "absent" ? undefined : state.job);
/** Whether the job before a step is the one after it. */
const isSame = ({ before, state, effects }: Taken) =>
  jobOf(before) !== undefined &&
  jobOf(state) !== undefined &&
  !effects.some((effect) => effect.kind === "store" && effect.body === "request");

describe("in any life", () => {
  it("an answer is stored at most once, and only by the run that succeeded", () => {
    const stored = new Map<World, number>();
    holdAlways(({ effects, state, before }, world, born) => {
      const outputs = effects.filter((effect) => effect.kind === "store" && effect.body === "output");
      if (outputs.length === 0) return;
      expect(outputs).toHaveLength(1);
      expect([before.status, state.status]).toEqual(["in_progress", "succeeded"]);
      expect(stored.get(world)).not.toBe(born);
      stored.set(world, born);
    });
  });

  it("only the newest lease's reports count, and a repeated report gets the recorded end again", () => {
    holdAlways(({ reply, before, state, event }) => {
      if (event.type !== "extend" && event.type !== "complete" && event.type !== "failAttempt") return;
      if (event.epoch === epochOf(before) && before.status === "in_progress") {
        expect(reply).not.toMatchObject({ kind: "refused" });
        return;
      }
      const repeated = event.type === "complete" && before.status === "succeeded";
      if (repeated && event.epoch === epochOf(before)) {
        expect(reply).toEqual({ kind: "recorded", status: "succeeded" });
      } else expect(reply).toMatchObject({ kind: "refused" });
      expect(state).toBe(before);
    });
  });

  it("past its deadline a job has ended, whatever event comes", () => {
    holdAlways(({ state, event }, world) => {
      const report = event.type === "extend" || event.type === "complete" || event.type === "failAttempt";
      const job = jobOf(state);
      if (report || !job || isEnded(state)) return;
      expect(world.now).toBeLessThan(job.completeBy);
    });
  });

  it("what it cost only grows, and attempts are only added", () => {
    holdAlways((taken) => {
      const [before, after] = [jobOf(taken.before), jobOf(taken.state)];
      if (!isSame(taken) || !before || !after) return;
      expect(after.costUsd ?? 0).toBeGreaterThanOrEqual(before.costUsd ?? 0);
      expect(after.attempts.slice(0, before.attempts.length)).toEqual(before.attempts);
    });
  });

  it("another tenant sees nothing and changes nothing that time would not", () => {
    holdAlways(({ reply, before, state, event }, world) => {
      if (!("tenant" in event) || event.tenant === jobOf(before)?.facts.tenant) return;
      expect(reply).toEqual({ kind: "absent" });
      expect(state).toEqual(settle(before, world.now).state);
    });
  });

  it("each end is told to the directory, and to the webhook where that was asked for", () => {
    holdAlways(({ before, state, effects, event }) => {
      // A report that comes at the very end is of another delivery: nobody makes one before.
      if (!isEnded(state) || isEnded(before) || event.type === "reportNotice") return;
      expect(effects.filter(({ kind }) => kind === "list")).toHaveLength(1);
      const wanted = state.job.facts.webhook?.events.includes(`job.${state.status}`) === true;
      expect(effects.filter(({ kind }) => kind === "notify")).toHaveLength(wanted ? 1 : 0);
    });
  });

  it("a cancel that was accepted ends in nothing but canceled", () => {
    holdAlways((taken) => {
      const { before, state } = taken;
      if (before.status !== "in_progress" || before.cancelRequestedAt === null || !isSame(taken)) return;
      if (isEnded(state)) expect(state.status).toBe("canceled");
      else
        expect(state).toMatchObject({ status: "in_progress", cancelRequestedAt: before.cancelRequestedAt });
    });
  });

  it("the document is one that can be written, and says whether there is more to come", () => {
    holdAlways(({ state }) => {
      if (state.status === "absent") return;
      const { usage, cost_usd, metadata, ...rest } = describeJob(`job_${"A".repeat(43)}`, state);
      const written = JSON.parse(
        JSON.stringify({ ...rest, usage: null, cost_usd: null, metadata: {} }),
      ) as unknown;
      expect(jobDocument.parse(written)).toEqual(written);
      expect([usage, cost_usd, metadata]).toEqual([
        state.job.usage,
        state.job.costUsd,
        state.job.facts.metadata,
      ]);
      expect(rest.ended_at === null).toBe(rest.progress !== null);
    });
  });
});
