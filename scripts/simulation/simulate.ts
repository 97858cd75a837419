import type { Group, Entry } from "../../durable-objects/request-window/request-window-state.ts";
import type { Policy, Upstream } from "./policies.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface Scenario {
  readonly policy: Policy;
  readonly upstream: Upstream;
  /** When each request comes, in milliseconds, in their order; each is of one item. */
  readonly arrivals: readonly number[];
  /** How long after its arrival an answer is still of use, in milliseconds. */
  readonly deadlineMs: number;
}

/** The result of a simulation. */
export interface Run {
  /** For each arrival when it was answered, in milliseconds; undefined: it was refused, or expired. */
  readonly answeredAt: readonly (number | undefined)[];
  readonly calls: readonly Group[];
}

/** Lets a policy serve these arrivals on a virtual clock; deterministic. */
export function simulate(scenario: Scenario): Run {
  const bed = new TestBed(scenario);
  return bed.run();
}

class TestBed {
  readonly #scenario: Scenario;
  readonly #clock = new VirtualClock();
  readonly #answeredAt: (number | undefined)[];
  readonly #calls: Group[] = [];
  #wakeAt = Infinity;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#answeredAt = scenario.arrivals.map(() => undefined);
  }

  run(): Run {
    this.#expect(0);
    this.#clock.run();
    return { answeredAt: this.#answeredAt, calls: this.#calls };
  }

  #expect(index: number): void {
    const at = this.#scenario.arrivals[index];
    if (at === undefined) return;
    this.#clock.at(at, () => {
      this.#scenario.policy.arrive(this.#entry(index, at), at);
      this.#look();
      this.#expect(index + 1);
    });
  }

  #entry(index: number, arrivedAt: number): Entry {
    const deadlineAt = arrivedAt + this.#scenario.deadlineMs;
    return { id: String(index), items: 1, tokens: 1, longest: 1, arrivedAt, deadlineAt };
  }

  /** Starts the calls that the policy gives, and asks it again at the time that it gives. */
  #look(): void {
    const { groups, wakeAt } = this.#scenario.policy.dispatch(this.#clock.now);
    for (const group of groups) this.#call(group);
    if (wakeAt === null || wakeAt >= this.#wakeAt) return;
    this.#wakeAt = wakeAt;
    this.#clock.at(wakeAt, () => {
      this.#wakeAt = Infinity;
      this.#look();
    });
  }

  #call(group: Group): void {
    const { policy, upstream } = this.#scenario;
    this.#calls.push(group);
    this.#clock.at(this.#clock.now + upstream.baseMs + upstream.perItemMs * group.items, () => {
      for (const { id } of group.entries) this.#answeredAt[Number(id)] = this.#clock.now;
      policy.settle(group.id, "answered", this.#clock.now);
      this.#look();
    });
  }
}
