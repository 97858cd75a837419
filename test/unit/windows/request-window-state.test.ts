import { describe, expect, it } from "vitest";
import {
  RequestWindow,
  type Entry,
  MAX_WAITING_ITEMS,
  MAX_WAITING_TOKENS,
  type WindowPolicy,
} from "../../../durable-objects/request-window/request-window-state.ts";

const policy = (change: Partial<WindowPolicy> = {}): WindowPolicy => ({
  maxItems: 4,
  maxTokens: 1000,
  padded: false,
  maxDelayMs: 0,
  slots: 1,
  objectiveMs: null,
  ...change,
});

const entry = (id: string, change: Partial<Entry> = {}): Entry => {
  const whole = { id, items: 1, tokens: 10, arrivedAt: 0, deadlineAt: 10_000, ...change };
  return { longest: Math.ceil(whole.tokens / whole.items), ...whole };
};

/** A window in which these wait, while a call of another holds the only slot. */
function busy(change: Partial<WindowPolicy>, entries: readonly Entry[]) {
  const window = new RequestWindow(policy(change));
  window.arrive(entry("first"), 0);
  const [first] = window.dispatch(0).groups;
  for (const each of entries) expect(window.arrive(each, 0)).toBe("admitted");
  expect(window.dispatch(0).groups).toEqual([]);
  const free = (now: number, end: Parameters<RequestWindow["settle"]>[1] = "answered") => {
    window.settle(first?.id ?? "", end, now);
    return window.dispatch(now);
  };
  return { window, free };
}

const ids = (group: { readonly entries: readonly Entry[] } | undefined) =>
  group?.entries.map(({ id }) => id).join("") ?? "none";

describe("a window", () => {
  it("sends a lone entry at once, by itself", () => {
    const window = new RequestWindow(policy());
    window.arrive(entry("a"), 5);
    const { groups, wakeAt } = window.dispatch(5);
    expect(groups.map(ids)).toEqual(["a"]);
    expect(groups[0]).toMatchObject({ items: 1, startedAt: 5 });
    expect(wakeAt).toBeNull();
    expect(window.dispatch(5).groups).toEqual([]);
  });

  it("sends together what has come while its slots were busy", () => {
    const { free } = busy(
      {},
      ["a", "b", "c"].map((id) => entry(id)),
    );
    expect(free(20).groups.map(ids)).toEqual(["abc"]);
  });

  it("uses all of its slots", () => {
    const window = new RequestWindow(policy({ slots: 2 }));
    const sent = ["a", "b", "c"].map((id) => {
      window.arrive(entry(id), 0);
      return window.dispatch(0).groups.map(ids).join("");
    });
    expect(sent).toEqual(["a", "b", ""]);
  });

  it("puts the earliest deadline first, and those alike in the order they came", () => {
    const { free } = busy({ maxItems: 2 }, [
      entry("a", { deadlineAt: 900 }),
      entry("b", { deadlineAt: 500 }),
      entry("c", { deadlineAt: 900 }),
      entry("d", { deadlineAt: 500 }),
    ]);
    expect(ids(free(20).groups[0])).toBe("bd");
  });

  it("counts a request's items, and sends what alone is above the budget by itself", () => {
    const { window, free } = busy({}, [
      entry("a", { items: 3 }),
      entry("b", { items: 2 }),
      entry("c", { items: 9 }),
      entry("d"),
    ]);
    const sent = [free(20)];
    for (let turn = 0; turn < 3; turn++) {
      window.settle(sent.at(-1)?.groups[0]?.id ?? "", "answered", 30);
      sent.push(window.dispatch(30));
    }
    expect(sent.map(({ groups }) => ids(groups[0]))).toEqual(["a", "b", "c", "d"]);
  });

  it("keeps to its budget of tokens, padded where the server pads", () => {
    const entries = [10, 10, 60, 10].map((tokens, index) => entry("abcd"[index] ?? "", { tokens }));
    expect(ids(busy({ maxTokens: 100 }, entries).free(20).groups[0])).toBe("abcd");
    // Three items as long as the longest are 180.
    expect(ids(busy({ maxTokens: 100, padded: true }, entries).free(20).groups[0])).toBe("ab");
  });
});

describe("a window with a maxDelayMs", () => {
  const window = () => new RequestWindow(policy({ maxDelayMs: 50 }));

  it("waits so long, counted from the oldest, and no longer", () => {
    const waiting = window();
    waiting.arrive(entry("a", { arrivedAt: 0 }), 0);
    expect(waiting.dispatch(0)).toMatchObject({ groups: [], wakeAt: 50 });
    waiting.arrive(entry("b", { arrivedAt: 30 }), 30);
    expect(waiting.dispatch(30)).toMatchObject({ groups: [], wakeAt: 50 });
    expect(waiting.dispatch(50).groups.map(ids)).toEqual(["ab"]);
  });

  it("goes when it is full", () => {
    const waiting = window();
    for (const id of ["a", "b", "c", "d"]) waiting.arrive(entry(id), 0);
    expect(waiting.dispatch(0).groups.map(ids)).toEqual(["abcd"]);
  });

  it("goes in time for the first deadline", () => {
    const waiting = window();
    waiting.arrive(entry("a", { deadlineAt: 20 }), 0);
    expect(waiting.dispatch(0).wakeAt).toBe(15);
    const known = window();
    for (let call = 0; call < 5; call++) teach(known, 1, 15);
    known.arrive(entry("a", { arrivedAt: 1000, deadlineAt: 1030 }), 1000);
    // A call takes 15 ms, and timers may be late.
    expect(known.dispatch(1000)).toMatchObject({ groups: [], wakeAt: 1010 });
  });
});

/** Lets a call of so many items end after so long. */
function teach(
  window: RequestWindow,
  items: number,
  ms: number,
  end: Parameters<RequestWindow["settle"]>[1] = "answered",
) {
  window.arrive(entry("teacher", { items, deadlineAt: 1e9, arrivedAt: -1e6 }), 0);
  const [group] = window.dispatch(0).groups;
  window.settle(group?.id ?? "", end, ms);
  return group?.items;
}

describe("an entry", () => {
  it("that cannot be answered in time is refused on arrival", () => {
    const window = new RequestWindow(policy());
    for (const items of [1, 2, 3, 4, 4]) teach(window, items, 20 + items);
    expect(window.arrive(entry("a", { deadlineAt: 1000 }), 1000)).toBe("late");
    expect(window.arrive(entry("b", { deadlineAt: 1030 }), 1000)).toBe("admitted");
    window.dispatch(1000);
    // One call runs for another 21 ms; then comes this one's own.
    expect(window.arrive(entry("c", { deadlineAt: 1041 }), 1000)).toBe("late");
    expect(window.arrive(entry("d", { deadlineAt: 1043 }), 1000)).toBe("admitted");
  });

  it("is tried where nothing runs, however slow the target was: it may be faster now", () => {
    const window = new RequestWindow(policy());
    for (let call = 0; call < 50; call++) teach(window, 1, 500);
    for (let call = 0; call < 50; call++) {
      expect(window.arrive(entry("a", { deadlineAt: 1100 }), 1000)).toBe("admitted");
      const [group] = window.dispatch(1000).groups;
      expect(ids(group)).toBe("a");
      window.settle(group?.id ?? "", "answered", 1020);
    }
    window.arrive(entry("b"), 1000);
    window.dispatch(1000);
    expect(window.arrive(entry("c", { deadlineAt: 1100 }), 1000)).toBe("admitted");
  });

  it("is given up where a call with the entries after it would end too late, rather than called for alone", () => {
    const window = new RequestWindow(policy({ maxItems: 8 }));
    for (const items of [1, 2, 3, 4, 4]) teach(window, items, 20 + items);
    window.arrive(entry("first"), 1000);
    const [first] = window.dispatch(1000).groups;
    window.arrive(entry("a", { deadlineAt: 1043 }), 1000);
    for (const id of ["b", "c", "d"]) window.arrive(entry(id, { deadlineAt: 1050 }), 1001);
    window.settle(first?.id ?? "", "answered", 1021);
    const { groups, expired } = window.dispatch(1021);
    expect([groups.map(ids), expired.map(({ id }) => id)]).toEqual([["bcd"], ["a"]]);
  });

  it("whose deadline passes while it waits expires", () => {
    const { free } = busy({}, [entry("a", { deadlineAt: 10 }), entry("b", { deadlineAt: 100 })]);
    const { groups, expired } = free(20);
    expect([groups.map(ids), expired.map(({ id }) => id)]).toEqual([["b"], ["a"]]);
    expect(new RequestWindow(policy()).arrive(entry("c", { deadlineAt: 10 }), 10)).toBe("late");
  });

  it("whose caller has left is not sent, and an empty group is not called", () => {
    const { window, free } = busy({}, [entry("a")]);
    expect([window.leave("a"), window.leave("a"), window.leave("first")]).toEqual([true, false, false]);
    expect(free(20)).toEqual({ groups: [], expired: [], wakeAt: null });
    expect([window.waitingItems, window.calls]).toEqual([0, 0]);
  });

  it("is refused where too many wait, but never for being large alone", () => {
    const window = new RequestWindow(policy());
    window.arrive(entry("first"), 0);
    window.dispatch(0);
    expect(window.arrive(entry("large", { items: MAX_WAITING_ITEMS + 1 }), 0)).toBe("admitted");
    expect(window.arrive(entry("more"), 0)).toBe("full");
    const long = new RequestWindow(policy());
    long.arrive(entry("first"), 0);
    long.dispatch(0);
    expect(long.arrive(entry("long", { tokens: MAX_WAITING_TOKENS }), 0)).toBe("admitted");
    expect(long.arrive(entry("more"), 0)).toBe("full");
    long.leave("long");
    expect(long.arrive(entry("more"), 0)).toBe("admitted");
  });
});

describe("the guard on the size of groups", () => {
  it("makes them a tenth smaller after a slow call, and one larger after a full one in time", () => {
    const window = new RequestWindow(policy({ maxItems: 20, objectiveMs: 100 }));
    const sizes = [150, 150, 50, 50, 50].map((ms) => {
      for (let each = 0; each < 20; each++) window.arrive(entry(`e${each}`, { deadlineAt: 1e6 }), 0);
      const [group] = window.dispatch(0).groups;
      window.settle(group?.id ?? "", "answered", ms);
      for (let each = 0; each < 20; each++) window.leave(`e${each}`);
      return group?.items;
    });
    expect(sizes).toEqual([20, 18, 16, 17, 18]);
  });

  it("learns nothing about size from slow calls of few items", () => {
    const window = new RequestWindow(policy({ maxItems: 20, objectiveMs: 100 }));
    for (let call = 0; call < 50; call++) teach(window, 2, 150);
    for (let each = 0; each < 20; each++) window.arrive(entry(`e${each}`, { deadlineAt: 1e6 }), 0);
    expect(window.dispatch(0).groups[0]?.items).toBe(20);
  });

  it("never makes them empty", () => {
    const window = new RequestWindow(policy({ objectiveMs: 1 }));
    for (let call = 0; call < 50; call++) expect(teach(window, 1, 10)).toBe(1);
  });
});

describe("the guard on calls at once", () => {
  it("halves them when the provider throttles or does not answer, and lets them grow again", () => {
    const window = new RequestWindow(policy({ slots: 4, maxItems: 1 }));
    const arriveAll = () => {
      for (let each = 0; each < 8; each++) window.arrive(entry(`${each}`, { deadlineAt: 1e6 }), 0);
    };
    arriveAll();
    const flying = [...window.dispatch(0).groups];
    expect(flying).toHaveLength(4);
    window.settle(flying.shift()?.id ?? "", "throttled", 5);
    expect(window.dispatch(5).groups).toEqual([]);
    for (const { id } of flying.splice(0)) window.settle(id, "timed_out", 6);
    const grown: number[] = [];
    for (let turn = 0; turn < 8; turn++) {
      const groups = window.dispatch(7).groups;
      grown.push(groups.length);
      for (const { id } of groups) window.settle(id, "answered", 8);
      arriveAll();
    }
    expect(grown[0]).toBe(1);
    expect(grown).toEqual(grown.toSorted((a, b) => a - b));
    expect(grown.at(-1)).toBe(4);
  });

  it("ignores the end of a call it does not know", () => {
    const { window } = busy({}, [entry("a")]);
    window.settle("unknown", "throttled", 5);
    expect(window.calls).toBe(1);
  });
});
