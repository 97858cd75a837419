import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JobWindowPolicy } from "../../../durable-objects/job-window/job-window-state.ts";
import { entry, type RunEnd, WindowWorld } from "./window-world.ts";

/** Any interleaving of arrivals, alarms, messages, runs and losses of memory, against the laws of a window. */
const aPolicy: fc.Arbitrary<JobWindowPolicy> = fc.record({
  maxItems: fc.integer({ min: 2, max: 6 }),
  maxTokens: fc.integer({ min: 5, max: 60 }),
  padded: fc.boolean(),
  maxDelayMs: fc.constantFrom(0, 500, 60_000, 3_600_000),
});

const anEnd: fc.Arbitrary<RunEnd> = fc.constantFrom(
  "answered",
  "answered",
  "half again",
  "half untold",
  "dies silent",
  "dies told",
);
const which = fc.nat(6);
const aStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("add" as const),
      sizes: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
      patienceMs: fc.constantFrom(100, 5000, 86_400_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("add again" as const), which: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), which: fc.nat(60) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("deliver" as const), which, again: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lose message" as const), which }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("end" as const), which, how: anEnd }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("extend" as const), which }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("evict" as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("alarm comes" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("alarm again" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.oneof(fc.nat(1500), fc.integer({ min: 0, max: 90_000 })),
    }),
  },
);
type Step = typeof aStep extends fc.Arbitrary<infer S> ? S : never;

function alarmComes(world: WindowWorld): void {
  if (world.armedAt === null) return;
  world.now = Math.max(world.now, world.armedAt);
  world.ring();
}

function addJobs(world: WindowWorld, sizes: readonly number[], patienceMs: number): void {
  const by = world.now + patienceMs;
  const first = world.jobs.size;
  world.add(
    sizes.map((items, at) =>
      entry(`j${first + at}`, { items, tokens: items * 3, longest: 3, sendBy: by, completeBy: by + 1000 }),
    ),
  );
}

/** Whoever asks under its key again does so only for a job that has not been run. */
function addAgain(world: WindowWorld, at: number): void {
  const [id, job] = [...world.jobs][at] ?? [];
  if (id !== undefined && job?.epoch === 0 && !job.ended) world.add([entry(id)]);
}

type Kind = Step["kind"];
const takes: { readonly [K in Kind]: (world: WindowWorld, step: Extract<Step, { kind: K }>) => void } = {
  wait: (world, { ms }) => void (world.now += ms),
  add: (world, { sizes, patienceMs }) => addJobs(world, sizes, patienceMs),
  "add again": (world, step) => addAgain(world, step.which),
  cancel: (world, step) => world.cancel(`j${step.which}`),
  deliver: (world, step) => world.deliver(step.which, step.again),
  "lose message": (world, step) => void world.queue.splice(step.which, 1),
  end: (world, step) => world.end(step.which, step.how),
  extend: (world, step) => void world.extend(step.which),
  evict: (world) => world.evict(),
  "alarm comes": alarmComes,
  "alarm again": (world) => world.ring(),
};

function take<K extends Kind>(world: WindowWorld, step: Extract<Step, { kind: K }>): void {
  const kind: K = step.kind;
  takes[kind](world, step);
}

const steps = fc.array(aStep, { minLength: 10, maxLength: 80, size: "max" });
const MANY = { numRuns: 300, noBias: true };

const check = (law: (world: WindowWorld) => void) =>
  fc.assert(
    fc.property(aPolicy, steps, (policy, taken) => {
      const world = new WindowWorld(policy);
      for (const step of taken) {
        take(world, step);
        law(world);
      }
    }),
    MANY,
  );

describe("in any life of a window of jobs", () => {
  it("every job that it has taken is held until it has ended", () => {
    check(({ jobs, window }) => {
      for (const [id, { ended }] of jobs) if (!ended) expect([id, window.holds(id)]).toEqual([id, true]);
    });
  });

  it("what is stored is what is in memory", () => {
    check((world) => {
      const held = [...world.jobs.keys()].filter((id) => world.window.holds(id));
      const dueAt = world.window.dueAt();
      world.evict();
      expect([...world.jobs.keys()].filter((id) => world.window.holds(id))).toEqual(held);
      // An empty one may still wake once, for a job that was canceled.
      if (held.length > 0) expect(world.window.dueAt() === null).toBe(dueAt === null);
    });
  });

  it("while it holds anything an alarm is set, in time and never in the past", () => {
    check(({ window, armedAt, planned }) => {
      if (window.isEmpty) return;
      expect(planned.dueAt).not.toBeNull();
      expect(armedAt).not.toBeNull();
      expect(armedAt).toBeLessThanOrEqual(Math.max(planned.dueAt ?? 0, planned.at + 1));
    });
  });

  it("no job is in two runs whose leases last, nor in one that is above its budgets but alone", () => {
    check(({ runs, now, policy }) => {
      const running = runs.filter(({ leaseUntil }) => leaseUntil > now).flatMap(({ entries }) => entries);
      expect(new Set(running.map(({ id }) => id)).size).toBe(running.length);
      for (const { entries } of runs) {
        const items = entries.reduce((sum, each) => sum + each.items, 0);
        const tokens = entries.reduce((sum, each) => sum + each.tokens, 0);
        const cost = policy.padded ? items * Math.max(...entries.map(({ longest }) => longest)) : tokens;
        const within = items <= policy.maxItems && cost <= policy.maxTokens;
        expect(within || entries.length === 1).toBe(true);
        expect(entries.length).toBeGreaterThan(0);
      }
    });
  });

  it("a run's number is above what its jobs have been told of", () => {
    fc.assert(
      fc.property(aPolicy, steps, (policy, taken) => {
        const world = new WindowWorld(policy);
        for (const step of taken) {
          const before = world.runs.length;
          take(world, step);
          const run = world.runs.length > before ? world.runs.at(-1) : undefined;
          for (const { id } of run?.entries ?? []) {
            const job = world.jobs.get(id);
            if (job && !job.ended) expect(run?.run).toBeGreaterThan(job.epoch);
          }
        }
      }),
      MANY,
    );
  });

  it("by its alarm and its messages every job ends, and nothing stays stored", () => {
    fc.assert(
      fc.property(aPolicy, steps, fc.boolean(), (policy, taken, forgetful) => {
        const world = new WindowWorld(policy);
        for (const step of taken) take(world, step);
        for (let turn = 0; world.armedAt !== null || world.queue.length > 0; turn++) {
          expect(turn).toBeLessThan(1000);
          if (forgetful) world.evict();
          while (world.queue.length > 0) {
            world.now = Math.max(world.now, world.queue[0] ?? 0);
            world.deliver(0);
          }
          while (world.runs.length > 0) world.end(0, "answered");
          alarmComes(world);
        }
        expect([...world.jobs.values()].filter(({ ended }) => !ended)).toEqual([]);
        expect(world.rows.size).toBe(0);
      }),
      MANY,
    );
  });

  it("ends by its alarm alone: all messages but the last may be lost", () => {
    fc.assert(
      fc.property(aPolicy, steps, (policy, taken) => {
        const world = new WindowWorld(policy);
        for (const step of taken) take(world, step);
        for (let turn = 0; world.armedAt !== null; turn++) {
          expect(turn).toBeLessThan(3000);
          if (turn % 3 === 2) world.deliver(world.queue.length - 1);
          world.queue.length = 0;
          while (world.runs.length > 0) world.end(0, "answered");
          alarmComes(world);
        }
        expect([...world.jobs.values()].filter(({ ended }) => !ended)).toEqual([]);
      }),
      MANY,
    );
  });
});
