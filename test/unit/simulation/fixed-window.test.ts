import { describe, expect, it } from "vitest";
import type { Entry } from "../../../durable-objects/request-window/request-window-state.ts";
import { FixedWindow } from "../../../scripts/simulation/fixed-window.ts";

const entry = (id: string, arrivedAt: number, deadlineAt = 1000): Entry => ({
  id,
  items: 1,
  tokens: 1,
  longest: 1,
  arrivedAt,
  deadlineAt,
});

const ids = (groups: readonly { readonly entries: readonly Entry[] }[]) =>
  groups.map(({ entries }) => entries.map(({ id }) => id).join(""));

describe("a fixed window", () => {
  it("closes so long after its first request, and not before", () => {
    const window = new FixedWindow({ windowMs: 20, maxItems: 8, slots: 1 });
    window.arrive(entry("a", 3), 3);
    window.arrive(entry("b", 10), 10);
    expect(window.dispatch(10)).toMatchObject({ groups: [], wakeAt: 23 });
    expect(ids(window.dispatch(23).groups)).toEqual(["ab"]);
  });

  it("closes when it is full, and queues for a slot in the order of closing", () => {
    const window = new FixedWindow({ windowMs: 20, maxItems: 2, slots: 1 });
    for (const id of "abcd") window.arrive(entry(id, 0), 0);
    expect(ids(window.dispatch(0).groups)).toEqual(["ab"]);
    window.settle();
    expect(ids(window.dispatch(30).groups)).toEqual(["cd"]);
  });

  it("drops whose deadline has passed in the queue", () => {
    const window = new FixedWindow({ windowMs: 5, maxItems: 8, slots: 1 });
    window.arrive(entry("a", 0, 4), 0);
    window.arrive(entry("b", 0), 0);
    const { groups, expired } = window.dispatch(5);
    expect([ids(groups), expired.map(({ id }) => id)]).toEqual([["b"], ["a"]]);
  });
});
