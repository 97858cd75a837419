import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Group,
  RequestWindow,
  type CallEnd,
  type Dispatch,
  type WindowPolicy,
} from "../../../durable-objects/request-window/request-window-state.ts";

/** Any interleaving of arrivals, leavings, ends of calls and time, against the laws of a window. */
const aPolicy: fc.Arbitrary<WindowPolicy> = fc.record({
  maxItems: fc.integer({ min: 1, max: 8 }),
  maxTokens: fc.integer({ min: 1, max: 100 }),
  padded: fc.boolean(),
  maxDelayMs: fc.constantFrom(0, 0, 20),
  slots: fc.integer({ min: 1, max: 3 }),
  objectiveMs: fc.constantFrom(null, 30),
});

const anArrival = fc.record({
  kind: fc.constant("arrive" as const),
  items: fc.integer({ min: 1, max: 10 }),
  longest: fc.integer({ min: 1, max: 40 }),
  patienceMs: fc.integer({ min: 0, max: 300 }),
});
const anEnd: fc.Arbitrary<CallEnd> = fc.constantFrom(
  "answered",
  "answered",
  "throttled",
  "timed_out",
  "failed",
);
const aStep = fc.oneof(
  { weight: 6, arbitrary: anArrival },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("leave" as const), which: fc.nat(50) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("end" as const), which: fc.nat(5), end: anEnd }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(60) }) },
);
type Step = typeof aStep extends fc.Arbitrary<infer S> ? S : never;

class World {
  readonly window: RequestWindow;
  readonly policy: WindowPolicy;
  now = 0;
  admitted = 0;
  /** How each entry left. */
  readonly left = new Map<string, string>();
  readonly waiting = new Map<string, number>();
  readonly flying: Group[] = [];
  last: Dispatch = { groups: [], expired: [], wakeAt: null };

  constructor(policy: WindowPolicy) {
    this.policy = policy;
    this.window = new RequestWindow(policy);
  }

  take(step: Step): void {
    if (step.kind === "wait") this.now += step.ms;
    if (step.kind === "arrive") this.#arrive(step);
    if (step.kind === "leave") {
      const id = [...this.waiting.keys()][step.which];
      if (id !== undefined && this.window.leave(id)) this.#note(id, "left");
    }
    if (step.kind === "end") {
      const [group] = this.flying.splice(step.which, 1);
      if (group) this.window.settle(group.id, step.end, this.now);
    }
    this.#dispatch();
  }

  #arrive({ items, longest, patienceMs }: Extract<Step, { kind: "arrive" }>): void {
    const id = `e${this.admitted}`;
    const tokens = longest * items;
    const deadlineAt = this.now + patienceMs;
    const entry = { id, items, tokens, longest, arrivedAt: this.now, deadlineAt };
    if (this.window.arrive(entry, this.now) !== "admitted") return;
    this.admitted++;
    this.waiting.set(id, deadlineAt);
  }

  #dispatch(): void {
    this.last = this.window.dispatch(this.now);
    for (const { id } of this.last.expired) this.#note(id, "expired");
    for (const group of this.last.groups) {
      for (const { id } of group.entries) this.#note(id, "sent");
      this.flying.push(group);
    }
  }

  #note(id: string, how: string): void {
    expect(this.left.has(id)).toBe(false);
    expect(this.waiting.delete(id)).toBe(true);
    this.left.set(id, how);
  }
}

const check = (law: (world: World) => void) =>
  fc.assert(
    fc.property(aPolicy, fc.array(aStep, { minLength: 10, maxLength: 80, size: "max" }), (policy, steps) => {
      const world = new World(policy);
      for (const step of steps) {
        world.take(step);
        law(world);
      }
    }),
    { numRuns: 300 },
  );

describe("in any life of a window", () => {
  it("every entry leaves at most once, and those that have not are still counted", () => {
    check(({ admitted, left, waiting }) => expect(left.size + waiting.size).toBe(admitted));
  });

  it("no group is empty, or above its budgets but by one entry alone", () => {
    check(({ last, policy }) => {
      for (const { entries, items } of last.groups) {
        expect(entries.length).toBeGreaterThan(0);
        const tokens = entries.reduce((sum, entry) => sum + entry.tokens, 0);
        const longest = Math.max(...entries.map((entry) => entry.longest));
        const cost = policy.padded ? longest * items : tokens;
        const within = items <= policy.maxItems && cost <= policy.maxTokens;
        expect(within || entries.length === 1).toBe(true);
      }
    });
  });

  it("calls are never more than its slots", () => {
    check(({ flying, window, policy }) => {
      expect(flying.length).toBeLessThanOrEqual(policy.slots);
      expect(window.calls).toBe(flying.length);
    });
  });

  it("no entry waits behind a later deadline, and none is sent after its own", () => {
    check(({ last, waiting, now }) => {
      const first = Math.min(...waiting.values());
      for (const { entries } of last.groups) {
        for (const { deadlineAt } of entries) {
          expect(deadlineAt).toBeLessThanOrEqual(first);
          expect(deadlineAt).toBeGreaterThan(now);
        }
      }
    });
  });

  it("every waiting entry has a time to wake at, or a running call to wait for", () => {
    check(({ last, waiting, flying, policy, now }) => {
      if (waiting.size === 0) return;
      expect(last.wakeAt).not.toBeNull();
      expect(last.wakeAt ?? 0).toBeGreaterThan(now);
      if (policy.maxDelayMs === 0) expect(flying.length).toBeGreaterThan(0);
    });
  });

  it("all of them leave when time goes on and calls end", () => {
    fc.assert(
      fc.property(aPolicy, fc.array(anArrival, { maxLength: 40 }), (policy, arrivals) => {
        const world = new World(policy);
        for (const arrival of arrivals) world.take(arrival);
        for (let turn = 0; world.waiting.size > 0; turn++) {
          expect(turn).toBeLessThan(1000);
          world.take({ kind: "wait", ms: 5 });
          world.take({ kind: "end", which: 0, end: "answered" });
        }
        expect(world.left.size).toBe(world.admitted);
      }),
      { numRuns: 200 },
    );
  });
});
